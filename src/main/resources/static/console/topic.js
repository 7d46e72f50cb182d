// One topic: its figures, its last error, its incidents, and what became of its last tasks.
import * as actions from './actions.js';
import * as api from './api.js';
import { Bars, slices } from './chart.js';
import { Component, html } from './lib.js';
import { PauseOrResume } from './overview.js';
import { Act, Cell, Icon, Loaded, State, Table } from './parts.js';
import { ago, clock, count, millis, perMinute, plural, seconds } from './text.js';

const OUTCOMES = {
  completed: ['ok', 'completed'],
  completedUnconfirmed: ['ok', 'completed, answer lost'],
  bpmnError: ['ok', 'BPMN error'],
  failure: ['warn', 'failed'],
  incident: ['bad', 'incident'],
  unreported: ['warn', 'not reported'],
  lockLost: ['warn', 'lock lost'],
  gone: ['idle', 'gone from the engine'],
  unlocked: ['idle', 'given back'],
  circuitOpen: ['idle', 'given back, circuit open'],
};
const outcomeOf = (outcome) => OUTCOMES[outcome] ?? ['idle', outcome];
const isGood = (event) => outcomeOf(event.outcome)[0] === 'ok';

const byFrequency = ([, one], [, other]) => other - one;

const Figures = ({ topic }) => {
  const figures = [
    ['In work', `${count(topic.inWork)} of ${count(topic.permits)}`],
    ['Done per minute', perMinute(topic.completedPerMinute)],
    ['Gateway p50 / p95', `${millis(topic.gatewayP50Millis)} / ${millis(topic.gatewayP95Millis)}`],
    ['Task p50 / p95', `${millis(topic.taskP50Millis)} / ${millis(topic.taskP95Millis)}`],
    ['Oldest in work', seconds(topic.oldestInWorkSeconds)],
    ['Open incidents', count(topic.openIncidents), topic.openIncidents > 0],
    ...Object.entries(topic.outcomes ?? {}).sort(byFrequency).map(([outcome, n]) => [`Since start: ${outcomeOf(outcome)[1]}`, count(n)]),
  ];
  return html`<dl class="tiles">${figures.map(([name, value, bad]) => html`
    <div><dt>${name}</dt><dd class=${bad ? 'bad-text' : ''}>${value}</dd></div>`)}</dl>`;
};

const LastError = ({ error, now }) => html`
  <div class="problem bad alone">
    <${Icon} tone="bad" />
    <div>
      <p class="what">Last error, ${ago(error.at, now)}</p>
      <p class="detail">${error.message}</p>
      ${error.advice && html`<p class="advice"><b>What to do:</b> ${error.advice}.</p>`}
    </div>
  </div>`;

const INCIDENT_HEADS = [['Since'], ['Task'], ['Business key'], ['Message'], [html`<span class="unseen">Actions</span>`]];

const Incidents = ({ topic, answer: { total, incidents: list } }) => {
  if (list.length === 0) return html`<p class="empty">No incidents: every task that failed is being tried again, or none did.</p>`;
  return html`
    <div class="head">
      <p class="muted">${total > list.length ? `The first ${count(list.length)} of ${count(total)}, as the engine says.` : `${plural(total, 'incident')}, as the engine says.`}</p>
      <${Act} label="Replay all …" onClick=${() => actions.replayAll(topic, total)} />
    </div>
    <${Table} caption="Incidents" heads=${INCIDENT_HEADS}>${list.map((incident) => html`
      <tr role="row" key=${incident.taskId} class="bad">
        <${Cell} label="Since">${clock(incident.since)}<//>
        <${Cell} label="Task" kind="id">${incident.taskId}<//>
        <${Cell} label="Business key" kind="long">${incident.businessKey ?? '–'}<//>
        <${Cell} label="Message" kind="long">${incident.message}<//>
        <${Cell} label="" kind="acts"><${Act} label="Replay …" about=${incident.taskId} onClick=${() => actions.replayOne(topic, incident)} /><//>
      </tr>`)}<//>`;
};

const LOCKED_HEADS = [['Locked until'], ['Task'], ['Business key'], ['By'], [html`<span class="unseen">Actions</span>`]];

const Locked = ({ topic, tasks }) =>
  tasks.length === 0
    ? html`<p class="empty">None: nobody works on a task of this topic, and none waits for a reply.</p>`
    : html`<${Table} caption="Locked tasks" heads=${LOCKED_HEADS}>${tasks.map((task) => html`
      <tr role="row" key=${task.taskId}>
        <${Cell} label="Locked until">${clock(task.until)}<//>
        <${Cell} label="Task" kind="id">${task.taskId}<//>
        <${Cell} label="Business key" kind="long">${task.businessKey ?? '–'}<//>
        <${Cell} label="By" kind="long">${task.here ? 'this dispatcher' : task.lockedBy}<//>
        <${Cell} label="" kind="acts"><${Act} label="Unlock …" about=${task.taskId} onClick=${() => actions.unlock(topic, task.taskId)} /><//>
      </tr>`)}<//>`;

const EVENT_HEADS = [['At'], ['Outcome'], ['Business key'], ['Task'], ['Took', 'n'], ['Message'], [html`<span class="unseen">Actions</span>`]];

class Events extends Component {
  render({ topic, events }, { filter = '' }) {
    if (events.length === 0) return html`<p class="empty">Nothing yet. Start a process instance that reaches this topic, and its task appears here.</p>`;
    const wanted = filter.trim().toLowerCase();
    const shown = events.filter((event) =>
      [event.taskId, event.processInstanceId, event.businessKey, outcomeOf(event.outcome)[1], event.message].some((text) => text?.toLowerCase().includes(wanted)));
    const chart = slices(events, isGood);
    const bad = events.filter((event) => !isGood(event)).length;
    return html`
      <${Bars} data=${chart.data} slice=${chart.width} label=${`${plural(events.length, 'task')}, ${count(bad)} of them not in good order, in slices of ${seconds(chart.width)}`} />
      <p class="muted legend"><span class="key accent"></span> tasks in each ${seconds(chart.width)} <span class="key bad"></span> of them failed</p>
      <div class="head">
        <p class="muted" aria-live="polite">${wanted ? `${count(shown.length)} of ${plural(events.length, 'event')}` : plural(events.length, 'event')}</p>
        <label class="find">Find an id, a business key, an outcome
          <input type="search" value=${filter} onInput=${(event) => this.setState({ filter: event.target.value })} /></label>
      </div>
      ${shown.length === 0 && html`<p class="empty">Nothing among the last ${count(events.length)} matches “${filter}”.</p>`}
      ${shown.length > 0 && html`<${Table} caption="The last tasks of the topic, newest first" heads=${EVENT_HEADS}>${shown.map((event) => html`
        <tr role="row" key=${`${event.taskId} ${event.at}`} class=${outcomeOf(event.outcome)[0]}>
          <${Cell} label="At">${clock(event.at)}<//>
          <${Cell} label="Outcome"><span class="state ${outcomeOf(event.outcome)[0]}"><${Icon} tone=${outcomeOf(event.outcome)[0]} />${outcomeOf(event.outcome)[1]}</span><//>
          <${Cell} label="Business key" kind="long">${event.businessKey ?? '–'}<//>
          <${Cell} label="Task" kind="id">${event.taskId}<//>
          <${Cell} label="Took" kind="n">${millis(event.millis)}<//>
          <${Cell} label="Message" kind="long">${event.message ?? ''}<//>
          <${Cell} label="" kind="acts">${!isGood(event) && html`<${Act} label="Unlock …" about=${event.taskId} onClick=${() => actions.unlock(topic, event.taskId)} />`}<//>
        </tr>`)}<//>`}`;
  }
}

/** Three lists; each is loaded by itself, and anew for another topic. */
const Tasks = ({ topic, version }) => {
  const key = `${topic.engine}/${topic.topic}`;
  return html`
    <section aria-labelledby="incidents">
      <h2 id="incidents">Incidents</h2>
      <${Loaded} key=${`incidents ${key}`} from=${() => api.incidents(topic)} when=${`${topic.openIncidents} ${version}`} show=${(answer) => html`<${Incidents} topic=${topic} answer=${answer} />`} />
    </section>
    <section aria-labelledby="locked">
      <h2 id="locked">Locked tasks</h2>
      <${Loaded} key=${`locked ${key}`} from=${() => api.locked(topic)} when=${version} every=${3000} show=${(tasks) => html`<${Locked} topic=${topic} tasks=${tasks} />`} />
    </section>
    <section aria-labelledby="events">
      <h2 id="events">Activity</h2>
      <${Loaded} key=${`events ${key}`} from=${() => api.events(topic)} when=${version} every=${3000} show=${(events) => html`<${Events} topic=${topic} events=${events} />`} />
    </section>`;
};

export const Topic = ({ snapshot, engine, name, version }) => {
  const topic = snapshot.topics.find((each) => each.engine === engine && each.topic === name);
  if (!topic) {
    return html`<h1 tabindex="-1">${name}</h1>
      <p class="empty">There is no such topic any more: its file was taken away, or it was never here. <a href="#/">Back to the overview</a></p>`;
  }
  return html`
    <p class="back"><a href="#/">← Overview</a></p>
    <div class="head">
      <h1 tabindex="-1">${topic.topic}</h1>
      <span><${State} of=${topic.state} /> <span class="muted">engine ${topic.engine}</span></span>
      <${PauseOrResume} topic=${topic} />
    </div>
    <div>
      <p>${topic.description}</p>
      ${topic.stateReason && html`<p class="muted">${topic.stateReason}</p>`}
    </div>
    ${topic.lastError && html`<${LastError} error=${topic.lastError} now=${snapshot.now} />`}
    <section class="panel" aria-label="Figures"><${Figures} topic=${topic} /></section>
    ${topic.kind === 'usertask'
      ? html`<p class="empty">A user task stays in the engine until somebody completes it: it has no lock, no incidents and no activity here.</p>`
      : html`<${Tasks} topic=${topic} version=${version} />`}`;
};
