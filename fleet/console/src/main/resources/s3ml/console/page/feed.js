// The live feed: server-sent events, opened again whenever they end, with a word for each way they can end.

/** The server sends a beat every 5 s; three missed ones are a dead connection that nobody closed. */
const DEAD_MILLIS = 16000;
const LONGEST_WAIT = 5000;

export class Feed {
  /** @param handlers fleet(message), state(kind, words): kind is live, away, lost or out */
  constructor(handlers) {
    this.handlers = handlers;
    this.wait = 500;
    this.open();
    setInterval(() => this.watch(), 2000);
    document.addEventListener('visibilitychange', () => this.seen(!document.hidden));
  }

  /** A browser opens six connections to one server: pages that nobody sees must not hold them all. */
  seen(visible) {
    if (!visible) {
      this.source?.close();
      this.source = null;
    } else if (!this.source) {
      this.open();
    }
  }

  open() {
    this.heard = performance.now();
    const source = new EventSource('/api/fleet');
    this.source = source;
    source.addEventListener('fleet', event => this.take(event));
    source.addEventListener('beat', () => { this.heard = performance.now(); });
    source.addEventListener('away', event => {
      this.heard = performance.now();
      const away = JSON.parse(event.data);
      this.handlers.state('away', away.message, away.since);
    });
    source.addEventListener('error', () => this.again());
  }

  take(event) {
    this.heard = performance.now();
    this.wait = 500;
    this.handlers.fleet(JSON.parse(event.data));
    this.handlers.state('live', '');
  }

  watch() {
    if (this.source && performance.now() - this.heard > DEAD_MILLIS) this.again();
  }

  /** EventSource does not say why it failed: a session that ended looks like a server that is away, so ask. */
  async again() {
    if (!this.source) return;
    this.source.close();
    this.source = null;
    this.handlers.state('lost', 'This page lost its console and tries to reach it again.');
    await new Promise(done => setTimeout(done, this.wait));
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2);
    try {
      const answer = await fetch('/api/session');
      if (answer.status === 401) {
        this.handlers.state('out', 'The console was started with another token, or your session ended. Sign in again.');
        return;
      }
    } catch {
      // Still away; the next try is below.
    }
    if (!document.hidden && !this.source) this.open();
  }
}
