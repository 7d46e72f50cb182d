// The messages that nobody could be given: why, and what becomes of them.
import * as actions from './actions.js';
import * as api from './api.js';
import { Component, html } from './lib.js';
import { Act, Cell, Loaded, Table } from './parts.js';
import { ago, clock, count, plural } from './text.js';

const HEADS = [[html`<span class="unseen">Choose</span>`], ['Parked'], ['Came from'], ['Why'], ['Message id'], ['Tries', 'n'], ['First seen', 'n']];

class Messages extends Component {
  render({ total, messages, now }, { chosen = new Set() }) {
    if (total === 0) return html`<p class="empty">Nothing is parked. A message comes here when no process instance waited for it in time, several did, or it cannot be read.</p>`;
    const ids = messages.map((message) => message.id).filter((id) => chosen.has(id));
    const toggle = (id) => {
      const next = new Set(chosen);
      if (!next.delete(id)) next.add(id);
      this.setState({ chosen: next });
    };
    return html`
      <div class="head">
        <p class="muted" aria-live="polite">${ids.length ? `${count(ids.length)} of ${plural(total, 'message')} chosen` : plural(total, 'message')}${total > messages.length && messages.length ? `, the first ${count(messages.length)} are shown` : ''}</p>
        <div class="buttons">
          <${Act} label=${ids.length ? 'Redrive the chosen …' : 'Redrive all …'} onClick=${() => actions.redrive(ids.length ? ids : undefined, ids.length || total)} />
          <${Act} label="Discard the chosen …" danger disabled=${ids.length === 0} onClick=${() => actions.discard(ids)} />
        </div>
      </div>
      ${messages.length === 0
        ? html`<p class="empty">The broker gave none of them to look at just now. Look again in a moment.</p>`
        : html`<${Table} caption="Parked messages" heads=${HEADS}>${messages.map((message) => html`
        <tr role="row" key=${message.id} class="warn">
          <${Cell} label="Choose"><input type="checkbox" checked=${chosen.has(message.id)} aria-label=${`Choose ${message.messageId ?? message.id}`} onChange=${() => toggle(message.id)} /><//>
          <${Cell} label="Parked">${clock(message.parkedAt)}<//>
          <${Cell} label="Came from" kind="long">${message.queue}<//>
          <${Cell} label="Why" kind="long">${message.reason}<//>
          <${Cell} label="Message id" kind="id">${message.messageId ?? '–'}<//>
          <${Cell} label="Tries" kind="n">${count(message.attempts)}<//>
          <${Cell} label="First seen" kind="n">${ago(message.firstSeen, now)}<//>
        </tr>`)}<//>`}`;
  }
}

export const Parked = ({ snapshot, version }) => html`
  <p class="back"><a href="#/">← Overview</a></p>
  <h1 tabindex="-1">Parked messages</h1>
  <p>Messages that no process instance could be given. They stay until somebody sends them back or discards them.</p>
  <${Loaded} from=${api.parked} when=${`${snapshot.parked?.messages} ${version}`} show=${(answer) => html`<${Messages} total=${answer.total} messages=${answer.messages} now=${snapshot.now} />`} />`;
