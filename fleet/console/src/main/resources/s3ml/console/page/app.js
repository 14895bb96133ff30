// The page's frame: one view at a time, chosen by the address, and the live feed under all of them.
import {Feed} from './feed.js';
import {Fleet} from './fleet.js';
import {Aecs} from './aecs.js';
import {el, text, time} from './dom.js';
import {HostsView} from './hosts.js';
import {HostView} from './host.js';
import {ModelsView} from './models.js';
import {AttestationView} from './attestation.js';
import {LeasesView} from './leases.js';
import {LogView} from './log.js';
import {LimitsView} from './limits.js';

const VIEWS = {
  hosts: HostsView, host: HostView, models: ModelsView, attestation: AttestationView, leases: LeasesView, log: LogView,
  limits: LimitsView,
};
const main = document.getElementById('main');
const state = document.getElementById('state');
const tick = document.getElementById('tick');
const fleet = new Fleet();
const context = {fleet, aecs: new Aecs(), session: {control: '', aecs: '', counters: false}};
let view = null;
let drawing = false;

function show(moved) {
  const [name, ...rest] = location.hash.replace(/^#\/?/, '').split('/');
  const known = Object.hasOwn(VIEWS, name) ? name : 'hosts';
  view?.leave?.();
  view = new VIEWS[known](context, rest.map(decodeURIComponent));
  main.replaceChildren(view.node);
  view.update();
  document.title = view.title + ' · S3ML console';
  for (const link of document.querySelectorAll('nav a')) {
    const here = link.hash === '#/' + (known === 'host' ? 'hosts' : known);
    if (here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (moved) {
    main.focus();
    scrollTo(0, 0);
  }
}

/** Many changes between two frames are drawn once; a page nobody sees is not drawn at all. */
function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    text(tick, fleet.at > 0 ? 'tick of ' + time(fleet.at) : '');
    view?.update();
    document.documentElement.dataset.updates = fleet.updates;
  });
}

function said(kind, words, since) {
  const line = state.parentElement;
  if (line.dataset.state === kind && kind !== 'away') return;
  line.dataset.state = kind;
  const at = fleet.at > 0 ? ' Below is what was known at ' + time(fleet.at) + '.' : '';
  if (kind === 'live') {
    text(state, fleet.leader ? 'Live.' : 'Live, from a control plane that stands by and does not decide.');
  } else if (kind === 'away') {
    text(state, words + '. So since ' + time(since) + '.' + at);
  } else {
    text(state, words + at);
  }
  if (kind === 'out') state.append(' ', el('a', {href: '/login' + location.hash}, 'Sign in'));
}

async function start() {
  show(false);
  addEventListener('hashchange', () => {
    if (location.hash !== '#main') show(true);
  });
  // Pictures are drawn for a size and with the colours of a scheme.
  addEventListener('resize', draw);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  new Feed({
    fleet(message) {
      fleet.apply(message);
      draw();
    },
    state: said,
  });
  const answer = await fetch('/api/session');
  if (answer.ok) {
    Object.assign(context.session, await answer.json());
    context.aecs.configured(context.session);
    view?.update();
    view?.look?.();
  }
}

document.querySelector('.skip').addEventListener('click', event => {
  event.preventDefault();
  main.focus();
});
start();
