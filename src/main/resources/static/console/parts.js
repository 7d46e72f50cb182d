// Small parts that several views are made of.
import { Component, html } from './lib.js';
import { mayAct } from './store.js';

const SHAPES = {
  ok: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zm-1.2 9.3L4 8l1.1-1.1 1.7 1.7 4.1-4.1L12 5.6z',
  warn: 'M8 1.2 15.4 14.5H.6zM7.2 6v4.2h1.6V6zm0 5.3v1.6h1.6v-1.6z',
  bad: 'M5.2 1.2h5.6l4 4v5.6l-4 4H5.2l-4-4V5.2zM5.4 6.5 6.9 8 5.4 9.5l1.1 1.1L8 9.1l1.5 1.5 1.1-1.1L9.1 8l1.5-1.5-1.1-1.1L8 6.9 6.5 5.4z',
  idle: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM5.6 5h1.7v6H5.6zm3.1 0h1.7v6H8.7z',
};

/** A shape for each tone, so that colour is never the only sign. */
export const Icon = ({ tone }) => html`
  <svg class="icon ${tone}" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false">
    <path d=${SHAPES[tone]} fill-rule="evenodd" />
  </svg>`;

const STATES = {
  fetched: ['ok', 'fetched'],
  paused: ['idle', 'paused'],
  circuitOpen: ['bad', 'circuit open'],
  noPermits: ['warn', 'no permits'],
  engineDown: ['bad', 'engine down'],
  brokerDown: ['bad', 'broker down'],
  consuming: ['ok', 'consuming'],
  UP: ['ok', 'up'],
  DOWN: ['bad', 'down'],
  BLOCKED: ['bad', 'blocked'],
  UNKNOWN: ['idle', 'not known yet'],
  UNUSED: ['idle', 'not used'],
};

export const toneOf = (state) => (STATES[state] ?? ['warn'])[0];
export const wordOf = (state) => (STATES[state] ?? [null, state])[1];

export const State = ({ of }) => html`<span class="state ${toneOf(of)}"><${Icon} tone=${toneOf(of)} />${wordOf(of)}</span>`;

/** A button that does something to the dispatcher: whoever may only look is told why it does nothing. */
export const Act = ({ label, about, danger, onClick, disabled }) => html`
  <button type="button" class="act ${danger ? 'danger' : ''}" onClick=${onClick} disabled=${disabled || !mayAct()}
    title=${mayAct() ? undefined : 'Needs the role operator'}>
    ${label}${about && html`<span class="unseen"> ${about}</span>`}
  </button>`;

export const Bar = ({ used, of }) => html`
  <span class="bar" aria-hidden="true"><span class=${used >= of ? 'full' : ''} style=${{ width: `${of ? Math.min(100, (100 * used) / of) : 0}%` }}></span></span>`;

/** The last minutes of a figure as a curve without axes: a hint, the figure itself stands beside it. */
export const Spark = ({ values }) => {
  const top = Math.max(...values, 1);
  const points = values.map((v, i) => `${((i * 64) / Math.max(values.length - 1, 1)).toFixed(1)},${(17 - (v * 15) / top).toFixed(1)}`);
  return html`<svg class="spark" viewBox="0 0 64 18" width="64" height="18" aria-hidden="true" focusable="false">
    ${points.length > 1 && html`<polyline points=${points.join(' ')} />`}
  </svg>`;
};

/** A cell of a table that becomes a line of a card on a phone, where the head of the table is gone. */
export const Cell = ({ label, kind, children }) => html`<td role="cell" class=${kind} data-label=${label}>${children}</td>`;

/** Roles are said aloud, because tables that are laid out as cards would no longer be tables to a screen reader. */
export const Table = ({ caption, heads, children }) => html`
  <table role="table">
    <caption class="unseen">${caption}</caption>
    <thead role="rowgroup"><tr role="row">${heads.map(([name, kind]) => html`<th role="columnheader" scope="col" class=${kind}>${name}</th>`)}</tr></thead>
    <tbody role="rowgroup">${children}</tbody>
  </table>`;

/** Loads something when it appears and on each change of `when`, and shows it, the reason why not, or that it is on its way. */
export class Loaded extends Component {
  componentDidMount() {
    this.load();
    this.timer = this.props.every && setInterval(() => document.hidden || this.load(), this.props.every);
  }

  componentDidUpdate(before) {
    if (before.when !== this.props.when) this.load();
  }

  componentWillUnmount() {
    clearInterval(this.timer);
    this.gone = true;
  }

  async load() {
    try {
      const value = await this.props.from();
      if (!this.gone) this.setState({ value, problem: null });
    } catch (failure) {
      if (!this.gone) this.setState({ problem: failure.message });
    }
  }

  render({ show }, { value, problem }) {
    return html`
      ${problem && html`<p class="empty bad-text" role="alert">${problem}</p>`}
      ${value ? show(value, () => this.load()) : !problem && html`<p class="empty">Loading …</p>`}`;
  }
}
