package s3ml.lab.reference;

import java.util.ArrayList;
import java.util.List;

/// Arguments of a call, as a reader of the source sees them: texts as they are, and what is computed as `…`.
final class JavaCall {
    private JavaCall() {}

    /// The arguments that follow a position within a call, up to its end; texts only, others become `…` or stay empty.
    static List<String> argumentsAfter(String source, int position) {
        List<String> arguments = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        boolean computed = false;
        int depth = 0;
        int i = position;
        while (i < source.length()) {
            char c = source.charAt(i);
            if (c == '"') {
                int end = endOfText(source, i);
                // Texts within nested calls are arguments of something else.
                if (depth == 0) {
                    if (computed) {
                        text.append('…');
                        computed = false;
                    }
                    text.append(source, i + 1, end);
                } else {
                    computed = true;
                }
                i = end + 1;
                continue;
            }
            if ((c == ',' || c == ')') && depth == 0) {
                arguments.add(text + (computed ? "…" : ""));
                text.setLength(0);
                computed = false;
                if (c == ')') {
                    return arguments;
                }
            } else if (c == '(') {
                depth++;
            } else if (c == ')') {
                depth--;
            } else if (c == ';' && depth == 0) {
                return arguments;
            } else if (!Character.isWhitespace(c) && c != '+') {
                computed = true;
            }
            i++;
        }
        return arguments;
    }

    /// Index of the quotation mark that ends a text.
    private static int endOfText(String source, int start) {
        int i = start + 1;
        while (i < source.length() && source.charAt(i) != '"') {
            i += source.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i, source.length() - 1);
    }

    /// Undoes the escapes of a text that a reader would see.
    static String plain(String text) {
        return text.replace("\\\"", "\"").replace("\\n", " ").replace("\\\\", "\\");
    }
}
