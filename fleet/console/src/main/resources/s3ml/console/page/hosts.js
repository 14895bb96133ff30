// All hosts: how many are in which state, a map, and a table of those that matter, the worst first.
import {el, text, property, table, mark, round, percent} from './dom.js';
import {STATES} from './fleet.js';

const ROWS = 25;
const CELL = 16;

export class HostsView {
  title = 'Hosts';

  constructor({fleet}) {
    this.fleet = fleet;
    this.page = 0;
    this.painted = {frame: '', states: []};
    this.find = el('input', {type: 'search', id: 'find', autocomplete: 'off'});
    this.only = el('select', {id: 'only'}, el('option', {value: ''}, 'all'));
    for (const [name, {word, why}] of Object.entries(STATES)) this.only.append(el('option', {value: name}, word + ': ' + why));
    this.order = el('select', {id: 'order'},
      el('option', {value: 'worst'}, 'worst first'), el('option', {value: 'name'}, 'name'),
      el('option', {value: 'paging'}, 'paging'), el('option', {value: 'weight'}, 'weight'));
    this.tiles = this.makeTiles();
    this.map = el('canvas', {class: 'map', role: 'img'});
    this.table = table('Hosts', [['Host'], ['State'], ['Weight', 'number'], ['Paging, pages/s (limit)', 'number optional'],
      ['EPC in use', 'number optional'], ['p99 / objective', 'number'], ['Replicas', 'number optional'], ['Why', 'optional']]);
    this.rows = Array.from({length: ROWS}, () => this.makeRow());
    this.count = el('span', {role: 'status'});
    this.back = el('button', {type: 'button'}, 'Previous');
    this.forth = el('button', {type: 'button'}, 'Next');
    this.node = el('div', {}, el('h1', {}, 'Hosts'), this.tiles.node, this.map, this.legend(),
      el('div', {class: 'filters'},
        el('label', {for: 'find'}, 'Host or model contains', this.find),
        el('label', {for: 'only'}, 'State', this.only),
        el('label', {for: 'order'}, 'Order', this.order)),
      this.table.box, el('div', {class: 'pager'}, this.back, this.forth, this.count));
    this.listen();
  }

  listen() {
    for (const control of [this.find, this.only, this.order]) {
      control.addEventListener('input', () => {
        this.page = 0;
        this.update();
      });
    }
    this.back.addEventListener('click', () => this.turn(-1));
    this.forth.addEventListener('click', () => this.turn(1));
    this.map.addEventListener('click', event => {
      const host = this.places?.at(event.offsetX, event.offsetY);
      if (host) location.hash = '#/host/' + encodeURIComponent(host.host);
    });
  }

  turn(by) {
    this.page += by;
    this.update();
  }

  makeTiles() {
    const cells = {};
    const node = el('dl', {class: 'tiles'});
    for (const [key, title] of [['hosts', 'Hosts'], ['over', 'Over a limit'], ['silent', 'Silent'], ['weight', 'Load they may get'],
      ['parked', 'Parked replicas'], ['slo', 'Requests within objective']]) {
      cells[key] = el('span', {}, '–');
      cells[key + 'Note'] = el('small');
      node.append(el('div', {}, el('dt', {}, title), el('dd', {}, cells[key], cells[key + 'Note'])));
    }
    return {node, cells};
  }

  legend() {
    const list = el('ul', {class: 'legend'});
    for (const [name, {word, why}] of Object.entries(STATES)) list.append(el('li', {}, mark(name, word), ': ' + why));
    return list;
  }

  makeRow() {
    const link = el('a', {});
    const state = mark('calm', '');
    const weight = el('span');
    const meter = el('meter', {min: 0, max: 1, low: 0.5, high: 0.99, optimum: 1, 'aria-hidden': 'true'});
    const cells = ['number optional', 'number optional', 'number', 'number optional', 'text optional'].map(style => el('td', {class: style}));
    const row = el('tr', {}, el('th', {scope: 'row'}, link), el('td', {}, state),
      el('td', {class: 'number'}, weight, ' ', meter), ...cells);
    return {row, link, state, weight, meter, cells};
  }

  selected() {
    const wanted = this.find.value.toLowerCase();
    const only = this.only.value;
    const chosen = [];
    for (const host of this.fleet.hosts.values()) {
      if (only && host.state !== only) continue;
      if (wanted && !host.host.toLowerCase().includes(wanted)
        && !host.replicas.some(replica => replica.model.toLowerCase().includes(wanted))) continue;
      chosen.push(host);
    }
    return chosen.sort(ORDERS[this.order.value]);
  }

  update() {
    // The map asks for its size: before anything is written, or the browser would lay out twice.
    this.paint();
    this.summarise();
    const hosts = this.selected();
    const last = Math.max(0, Math.ceil(hosts.length / ROWS) - 1);
    this.page = Math.min(Math.max(0, this.page), last);
    const shown = hosts.slice(this.page * ROWS, (this.page + 1) * ROWS);
    shown.forEach((host, index) => this.fill(this.rows[index], host));
    const body = this.table.body;
    while (body.rows.length > shown.length) body.lastChild.remove();
    while (body.rows.length < shown.length) body.append(this.rows[body.rows.length].row);
    text(this.count, hosts.length === 0 ? 'no host' : `${this.page * ROWS + 1} to ${this.page * ROWS + shown.length} of ${hosts.length}`);
    property(this.back, 'disabled', this.page === 0);
    property(this.forth, 'disabled', this.page === last);
  }

  fill({link, state, weight, meter, cells}, host) {
    text(link, host.host);
    const address = '#/host/' + encodeURIComponent(host.host);
    if (link.getAttribute('href') !== address) link.setAttribute('href', address);
    text(state, STATES[host.state].word);
    property(state, 'className', 'mark ' + host.state);
    text(weight, round(host.weight, 3));
    property(meter, 'value', host.weight);
    const limit = Number.isFinite(host.threshold) ? ` (${round(host.threshold)})` : ' (none)';
    text(cells[0], Number.isFinite(host.contention) ? round(host.contention) + limit : '–');
    text(cells[1], percent(host.used));
    text(cells[2], round(host.latency, 2));
    text(cells[3], `${host.active} of ${host.replicas.length}`);
    text(cells[4], host.reasons.join('; '));
  }

  summarise() {
    const count = {silent: 0, paging: 0, slow: 0, reduced: 0, calm: 0};
    let weight = 0, parked = 0, arrivals = 0, within = 0;
    for (const host of this.fleet.hosts.values()) {
      count[host.state]++;
      weight += host.weight;
      parked += host.replicas.length - host.active;
    }
    for (const sum of this.fleet.attainment.values()) {
      arrivals += sum.arrivals;
      within += sum.within;
    }
    const total = this.fleet.hosts.size;
    const cells = this.tiles.cells;
    text(cells.hosts, String(total));
    text(cells.hostsNote, `${count.calm} calm, ${count.reduced} reduced`);
    text(cells.over, String(count.paging + count.slow));
    text(cells.overNote, `${count.paging} paging, ${count.slow} slow`);
    text(cells.silent, String(count.silent));
    text(cells.weight, total > 0 ? percent(weight / total) : '–');
    text(cells.weightNote, 'of the full load of all hosts');
    text(cells.parked, String(parked));
    text(cells.slo, arrivals > 0 ? percent(within / arrivals) : '–');
    text(cells.sloNote, `of ${round(arrivals)} a second`);
    const label = `Map of ${total} hosts: ${count.silent} silent, ${count.paging} paging, ${count.slow} slow, `
      + `${count.reduced} reduced, ${count.calm} calm. The table below holds the same.`;
    if (this.map.getAttribute('aria-label') !== label) this.map.setAttribute('aria-label', label);
  }

  paint() {
    const hosts = [...this.fleet.hosts.values()];
    const width = this.map.parentNode ? this.map.clientWidth || 640 : 640;
    const columns = Math.max(1, Math.floor(width / CELL));
    const height = Math.max(1, Math.ceil(hosts.length / columns)) * CELL;
    const scale = devicePixelRatio || 1;
    property(this.map, 'width', Math.round(columns * CELL * scale));
    property(this.map, 'height', Math.round(height * scale));
    this.places = {at: (x, y) => hosts[Math.floor(y / (this.map.clientWidth / columns)) * columns
      + Math.floor(x / (this.map.clientWidth / columns))]};
    const style = getComputedStyle(document.documentElement);
    const colours = Object.fromEntries(Object.keys(STATES).map(name => [name, style.getPropertyValue('--' + name)]));
    const pen = this.map.getContext('2d');
    const frame = JSON.stringify([columns, hosts.length, scale, colours]);
    if (frame !== this.painted.frame) {
      this.painted = {frame, states: []};
      pen.setTransform(scale, 0, 0, scale, 0, 0);
      pen.clearRect(0, 0, columns * CELL, height);
    }
    // Most hosts stay what they are from tick to tick.
    hosts.forEach(({state}, index) => {
      if (state === this.painted.states[index]) return;
      this.painted.states[index] = state;
      paintCell(pen, (index % columns) * CELL, Math.floor(index / columns) * CELL, state, colours[state]);
    });
  }
}

function paintCell(pen, left, top, state, colour) {
  pen.clearRect(left, top, CELL, CELL);
  pen.fillStyle = pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  SHAPES[state](pen, left + CELL / 2, top + CELL / 2);
  if (state === 'silent') pen.stroke();
  else pen.fill();
}

const ORDERS = {
  worst: (a, b) => STATES[a.state].rank - STATES[b.state].rank || badness(b) - badness(a) || (a.host < b.host ? -1 : 1),
  name: (a, b) => (a.host < b.host ? -1 : 1),
  paging: (a, b) => (b.contention || 0) - (a.contention || 0) || (a.host < b.host ? -1 : 1),
  weight: (a, b) => a.weight - b.weight || (a.host < b.host ? -1 : 1),
};

function badness(host) {
  return Math.max((host.contention || 0) / host.threshold || 0, host.latency || 0, 1 - host.weight);
}

/** One shape for each state, as beside its word. */
const SHAPES = {
  silent(pen, x, y) {
    pen.moveTo(x - 4, y - 4); pen.lineTo(x + 4, y + 4); pen.moveTo(x + 4, y - 4); pen.lineTo(x - 4, y + 4);
  },
  paging(pen, x, y) {
    pen.moveTo(x, y - 6); pen.lineTo(x + 6, y + 5); pen.lineTo(x - 6, y + 5); pen.closePath();
  },
  slow(pen, x, y) {
    pen.moveTo(x, y - 6); pen.lineTo(x + 6, y); pen.lineTo(x, y + 6); pen.lineTo(x - 6, y); pen.closePath();
  },
  reduced(pen, x, y) {
    pen.moveTo(x, y - 5); pen.arc(x, y, 5, -Math.PI / 2, Math.PI / 2, true); pen.closePath();
  },
  calm(pen, x, y) {
    pen.moveTo(x + 3, y); pen.arc(x, y, 3, 0, 7);
  },
};
