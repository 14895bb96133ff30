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

{{/* Common name of a role's certificate: what it may do is tied to it. */}}
{{- define "s3ml.fleetName" -}}
{{ get (dict "control" "s3ml-control" "operator" "s3ml-operator" "agent" "s3ml-agents" "envoy" "s3ml-envoy") . }}
{{- end }}

{{- define "s3ml.fleetSecret" -}}
{{ get (.root.Values.control.tls.existingSecrets | default dict) .role | default (printf "%s-fleet-%s" .root.Release.Name .role) }}
{{- end }}

{{- define "s3ml.fleetVolume" -}}
name: fleet
secret: {secretName: {{ include "s3ml.fleetSecret" . }}, defaultMode: 0440}
{{- end }}

{{/*
The P-256 key in PKCS#8, which is all that gRPC reads; what Helm makes is SEC1. Such keys have a fixed length, so that what PKCS#8 adds is a
fixed beginning: version, algorithm (ecPublicKey, prime256v1) and the length of what follows (121 bytes).
*/}}
{{- define "s3ml.pkcs8" -}}
{{- $sec1 := . | replace "-----BEGIN EC PRIVATE KEY-----" "" | replace "-----END EC PRIVATE KEY-----" "" | replace "\n" "" | b64dec }}
{{- if ne (len $sec1) 121 }}{{ fail "this Helm writes P-256 keys in another way: make the fleet's Secrets yourself and name them in control.tls.existingSecrets" }}{{ end -}}
-----BEGIN PRIVATE KEY-----
{{- $pkcs8 := printf "%s%s" (b64dec "MIGTAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBHk=") $sec1 | b64enc }}
{{ join "\n" (regexFindAll ".{1,64}" $pkcs8 -1) }}
-----END PRIVATE KEY-----
{{ end }}

{{- define "s3ml.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Ways out, for network policies. */}}
{{- define "s3ml.toControl" -}}
to:
  - podSelector:
      matchLabels: {{- include "s3ml.selector" (dict "root" .root "name" "control") | nindent 8 }}
ports: [{port: {{ .port }}}]
{{- end }}

{{- define "s3ml.toReplicas" -}}
to:
  - namespaceSelector: {}
    podSelector:
      matchExpressions: [{key: s3ml.internal/model, operator: Exists}]
ports:
  {{- range . }}
  - port: {{ . }}
  {{- end }}
{{- end }}

{{- define "s3ml.toNames" -}}
ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
{{- end }}
