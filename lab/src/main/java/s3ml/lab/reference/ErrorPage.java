package s3ml.lab.reference;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Every code of every error and finding, with what the code says about it.
final class ErrorPage {
    private static final String CODE = "(?:ATT|PRO|AECS|SRV|CLI|SIM|POL|AGT|CTL|CON|OPR|IMG)-\\d{3}";
    private static final Pattern RAISED = Pattern.compile("\"(" + CODE + ")\"");
    private static final Pattern DOCUMENTED = Pattern.compile("`(" + CODE + ")`([^`]*)");

    /// What does not begin a meaning: the sentence is about something else, and only mentions the code.
    private static final Pattern CONTINUED = Pattern.compile("(?:to|if|when|in|says|for|is|by|as|with|and|or)\\b");

    private ErrorPage() {}

    private static final class Known {
        private final Set<String> meanings = new LinkedHashSet<>();
        private final Set<String> places = new LinkedHashSet<>();
        private final Set<String> texts = new LinkedHashSet<>();
    }

    static String render(Sources sources) {
        Map<String, Known> codes = new TreeMap<>();
        for (Sources.File file : sources.files()) {
            raised(file, codes);
        }
        for (Sources.File file : sources.files()) {
            documented(file, codes);
        }
        StringBuilder page = new StringBuilder(ReferencePages.head(
                "Error codes",
                "Each error, refusal and finding carries a code that stays. A text says what happened, why, and what to do next; `…` stands for\n"
                        + "what differs each time. Towards a peer that is not attested only the code is shown."));
        codes.forEach((code, known) -> entry(page, code, known));
        return page.toString();
    }

    private static void raised(Sources.File file, Map<String, Known> codes) {
        Matcher code = RAISED.matcher(file.text());
        while (code.find()) {
            Known known = codes.computeIfAbsent(code.group(1), name -> new Known());
            known.places.add(file.type());
            if (code.end() < file.text().length() && file.text().charAt(code.end()) == ',') {
                List<String> said = new ArrayList<>();
                for (String argument : JavaCall.argumentsAfter(file.text(), code.end() + 1)) {
                    if (argument.indexOf(' ') > 0) {
                        said.add(JavaCall.plain(argument));
                    }
                }
                if (!said.isEmpty()) {
                    known.texts.add(String.join("; ", said.subList(0, Math.min(3, said.size()))));
                }
            }
        }
    }

    /// What stands behind a code in a comment, up to the next code or the end of the sentence.
    private static void documented(Sources.File file, Map<String, Known> codes) {
        for (String paragraph : paragraphs(file.text())) {
            Matcher code = DOCUMENTED.matcher(paragraph);
            while (code.find()) {
                Known known = codes.get(code.group(1));
                String meaning = code.group(2)
                        .replaceFirst("^[ |,;:]+", "")
                        .replaceFirst("[|;.].*", "")
                        .strip();
                meaning = meaning.replaceFirst("[ ,]+(and|to|or)?$", "").strip();
                boolean says = meaning.length() > 8 && Character.isLetter(meaning.charAt(0));
                if (known != null && says && !CONTINUED.matcher(meaning).lookingAt()) {
                    known.meanings.add(meaning);
                }
            }
        }
    }

    /// Comments, by paragraphs; a row of a table is one.
    private static List<String> paragraphs(String source) {
        List<String> paragraphs = new ArrayList<>();
        StringBuilder paragraph = new StringBuilder();
        for (String line : source.lines().map(String::strip).toList()) {
            String text = line.startsWith("///") ? line.substring(3).strip() : "";
            if (text.isEmpty() || text.startsWith("|") || text.startsWith("@")) {
                paragraphs.add(paragraph.toString());
                paragraph.setLength(0);
            }
            paragraph.append(' ').append(text);
        }
        paragraphs.add(paragraph.toString());
        return paragraphs;
    }

    private static void entry(StringBuilder page, String code, Known known) {
        page.append("## ").append(code).append("\n\n");
        known.meanings.stream()
                .limit(1)
                .forEach(meaning -> page.append(Character.toUpperCase(meaning.charAt(0)))
                        .append(escaped(meaning.substring(1)))
                        .append(".\n\n"));
        known.texts.stream()
                .limit(6)
                .forEach(text -> page.append("- ").append(escaped(text)).append('\n'));
        if (!known.texts.isEmpty()) {
            page.append('\n');
        }
        page.append("From `").append(String.join("`, `", known.places)).append("`.\n\n");
    }

    private static String escaped(String text) {
        return text.replace("<", "&lt;").replace("*", "\\*").replace("[", "\\[");
    }
}
