package s3ml.lab.console;

import java.util.ArrayList;
import java.util.List;

/// What a person does at the console.
final class ConsoleUser {
    /// Address of each view, and words that it shows once it is there.
    enum View {
        HOSTS("#/hosts", "main [role=status]", " of "),
        HOST("#/host/host-16", "main li", "paging"),
        MODELS("#/models", "main h2", "detector"),
        ATTESTATION("#/attestation", "main caption", "Measurements that got keys"),
        LEASES("#/leases", "main caption", "Leases"),
        LOG("#/log", "main td", "released"),
        LIMITS("#/limits", "main h2", "No secret");

        final String hash;
        final String selector;
        final String words;

        View(String hash, String selector, String words) {
            this.hash = hash;
            this.selector = selector;
            this.words = words;
        }
    }

    private final BrowserPage page;
    private final String url;

    ConsoleUser(BrowserPage page, String url) {
        this.page = page;
        this.url = url;
    }

    void signIn(String token) {
        page.open(url);
        page.awaitText("main", "You are not signed in");
        page.type(token);
        page.press("Enter", 13);
    }

    /// Comes as somebody whom this browser has never seen, and signs in.
    void comeAnew(String token) {
        page.open(url + "login");
        page.evaluate("localStorage.clear()");
        page.evaluate("fetch('/logout', {method: 'POST'}).then(answer => answer.text())");
        signIn(token);
        awaitLive();
    }

    void awaitLive() {
        page.awaitText("#state", "Live.");
    }

    void show(View view) {
        page.evaluate("location.hash = '" + view.hash + "'");
        page.awaitText(view.selector, view.words);
    }

    long updates() {
        return page.evaluate("Number(document.documentElement.dataset.updates ?? 0)")
                .getAsLong();
    }

    /// What axe-core finds in all views, light and dark, and on a phone.
    List<String> violations(String axe) {
        List<String> found = new ArrayList<>();
        for (View view : View.values()) {
            show(view);
            for (boolean dark : new boolean[] {false, true}) {
                page.scheme(dark);
                found.addAll(page.axe(view + (dark ? ", dark" : ", light"), axe));
            }
            page.scheme(false);
            page.resize(390, 844, true);
            found.addAll(page.axe(view + ", phone", axe));
            page.resize(1280, 900, false);
        }
        return found;
    }
}
