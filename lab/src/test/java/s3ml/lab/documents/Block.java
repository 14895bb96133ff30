package s3ml.lab.documents;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A fenced block of a document.
///
/// The words behind the language say how a block of `sh` is run; a reader of the rendered page does not see them:
///
/// | mark | what |
/// |---|---|
/// | none | it runs as it stands |
/// | `background: TEXT` | it is started, and stays once it has said TEXT |
/// | `long: REASON`, `hardware: REASON`, `elsewhere: REASON` | it is not run; its commands and options must exist |
///
/// A block of language `output` shows what the block before it prints: its lines come in this order, others may stand
/// between, and `…` stands for anything.
///
/// @param line of its first line in the document, from 1
/// @param language first word behind the fence; may be empty
/// @param mark the rest
record Block(int line, String language, String mark, List<String> lines) {
    private static final Pattern FENCE = Pattern.compile("^\\s*```(\\S*)\\s*(.*)$");
    private static final Pattern REASON = Pattern.compile("(long|hardware|elsewhere): \\S.*");
    private static final String BACKGROUND = "background: ";

    Block {
        lines = List.copyOf(lines);
    }

    static List<Block> of(List<String> document) {
        List<Block> blocks = new ArrayList<>();
        int i = 0;
        while (i < document.size()) {
            Matcher fence = FENCE.matcher(document.get(i));
            i++;
            if (fence.matches()) {
                int begin = i;
                while (i < document.size() && !FENCE.matcher(document.get(i)).matches()) {
                    i++;
                }
                blocks.add(new Block(begin + 1, fence.group(1), fence.group(2), document.subList(begin, i)));
                i++;
            }
        }
        return blocks;
    }

    boolean isCommands() {
        return language.equals("sh");
    }

    boolean runs() {
        return isCommands() && mark.isEmpty();
    }

    boolean isBackground() {
        return isCommands() && mark.startsWith(BACKGROUND);
    }

    /// What a background block says when it is ready.
    String readyText() {
        return mark.substring(BACKGROUND.length());
    }

    /// Whether its mark is one of those above.
    boolean isUnderstood() {
        return mark.isEmpty() || isBackground() || REASON.matcher(mark).matches();
    }

    String text() {
        return String.join("\n", lines) + "\n";
    }

    /// Each command with its continued lines in one.
    List<String> commands() {
        return text().replace("\\\n", " ")
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("./s3ml"))
                .toList();
    }
}
