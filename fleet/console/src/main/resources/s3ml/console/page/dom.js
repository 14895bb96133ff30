// Elements made from values. Text goes in as text only, so that markup in a name stays a name.

/** An element with properties, `data-` and `aria-` attributes included, and children: nodes or texts. */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'class') element.className = value;
    else if (name.includes('-') || name === 'role' || name === 'scope' || name === 'for') element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

/** Writes only what differs: a browser lays out again for each write. */
export function text(node, value) {
  if (node.textContent !== value) node.textContent = value;
}

export function property(node, name, value) {
  if (node[name] !== value) node[name] = value;
}

/** A paragraph that says what failed, for people who need not look into a log. */
export function fault(message) {
  return el('p', {class: 'fault', role: 'alert'}, message);
}

/** A table with a caption, in a box that scrolls by keyboard where it is too wide. */
export function table(caption, columns, body = el('tbody')) {
  const head = el('tr', {}, ...columns.map(([title, style]) => el('th', {scope: 'col', class: style ?? ''}, title)));
  const node = el('table', {}, el('caption', {}, caption), el('thead', {}, head), body);
  return {box: el('div', {class: 'wide', role: 'region', 'aria-label': caption, tabIndex: 0}, node), node, body};
}

export function mark(kind, words) {
  return el('span', {class: 'mark ' + kind}, words);
}

const clock = new Intl.DateTimeFormat(undefined, {timeStyle: 'medium'});
const calendar = new Intl.DateTimeFormat(undefined, {dateStyle: 'medium', timeStyle: 'medium'});
export const time = millis => clock.format(millis);
export const date = millis => calendar.format(millis);

export function round(value, digits = 0) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}

export const percent = share => (Number.isFinite(share) ? Math.round(share * 100) + ' %' : '–');
