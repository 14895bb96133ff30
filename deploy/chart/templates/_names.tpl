{{- define "s3ml.image" -}}
{{ .root.Values.image.registry }}/{{ .name }}:{{ .root.Values.image.tag | default .root.Chart.AppVersion }}
{{- end }}

{{- define "s3ml.namespaces" -}}
{{ .Values.operator.namespaces | default (list .Release.Namespace) | join "," }}
{{- end }}

{{/* Selected by: these never change between versions of the chart. */}}
{{- define "s3ml.selector" -}}
app.kubernetes.io/name: s3ml
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .name }}
{{- end }}

{{- define "s3ml.labels" -}}
{{ include "s3ml.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ .root.Chart.Name }}-{{ .root.Chart.Version }}
{{- end }}

{{/* No rights, no root, nothing writable but /tmp. */}}
{{- define "s3ml.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "s3ml.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
