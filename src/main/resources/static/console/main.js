// Starts the page: asks the dispatcher every two seconds while somebody looks, and draws what it says.
import * as api from './api.js';
import { Dialog } from './dialog.js';
import { remember } from './history.js';
import { html, render } from './lib.js';
import { Overview } from './overview.js';
import { Parked } from './parked.js';
import { problems } from './problems.js';
import { answered, change, mayAct, onChange, silent, state } from './store.js';
import { clock, plural } from './text.js';
import { Topic } from './topic.js';

const PAUSE = 2_000;

let version = 0; // grows with each action, so that what it may have changed is asked for again
let timer;

const look = async () => {
  clearTimeout(timer);
  try {
    const session = state.session && !state.silence.problem ? state.session : await api.session();
    const snapshot = await api.overview();
    remember(snapshot);
    answered(snapshot, session);
  } catch (failure) {
    silent(failure);
  }
  clearTimeout(timer);
  if (state.updating && !document.hidden) timer = setTimeout(look, PAUSE);
};

const viewOf = (hash) => {
  const [, name, ...rest] = hash.replace(/^#/, '').split('/').map(decodeURIComponent);
  if (name === 'topics' && rest.length === 2) return { name: 'topic', engine: rest[0], topic: rest[1] };
  return { name: name === 'parked' ? 'parked' : 'overview' };
};

const Silence = ({ silence }) => {
  if (!silence.problem) return null;
  const { kind, message } = silence.problem;
  const since = state.snapshot ? `What you see is from ${clock(state.snapshot.now)}.` : '';
  if (kind === 'session') {
    return html`<p class="banner bad" role="alert"><b>Your session has ended.</b> ${since} <a href="login">Log in again</a></p>`;
  }
  return html`<p class="banner bad" role="alert"><b>${message}</b> ${since} It is asked again every two seconds, since ${clock(silence.since)}.</p>`;
};

const Head = ({ session, snapshot, silence, view, updating }) => {
  const found = snapshot ? problems(snapshot).filter((problem) => problem.tone !== 'idle').length : 0;
  const parked = snapshot?.parked?.messages;
  const link = (name, href, text) => html`<a href=${href} aria-current=${view.name === name ? 'page' : undefined}>${text}</a>`;
  return html`
    <header>
      <div class="bar-in">
        <a class="brand" href="#/"><img src="favicon.svg" alt="" width="24" height="24" /><b>ETD</b><span class="long-name">External Task Dispatcher</span></a>
        <nav aria-label="Views">${link('overview', '#/', 'Overview')} ${link('parked', '#/parked', parked ? `Parked (${parked})` : 'Parked')}</nav>
        <p class="pulse ${found || silence.problem ? 'bad' : 'ok'}" role="status">${silence.problem ? 'no answer' : snapshot ? (found ? plural(found, 'problem') : 'all is well') : 'asking …'}</p>
        <button type="button" class="act" aria-pressed=${!updating} onClick=${() => { change({ updating: !updating }); look(); }}>
          ${updating ? 'Stop updating' : 'Update again'}</button>
        ${session?.login && html`<span class="you">${session.user}${mayAct() ? '' : ' (viewer: read only)'}
          <button type="button" class="act" onClick=${() => api.logOut().finally(() => location.assign('login?logout'))}>Log out</button></span>`}
      </div>
    </header>`;
};

const Notice = ({ notice }) => html`
  <div role="status" class="notices">${notice && html`<p class="banner ok" tabindex="-1" id="notice">${notice}
    <button type="button" class="act" onClick=${() => change({ notice: null })}>Close<span class="unseen"> this notice</span></button></p>`}</div>`;

const Main = ({ snapshot, silence, view }) => {
  if (!snapshot) return silence.problem ? null : html`<p class="empty">Asking the dispatcher …</p>`;
  if (view.name === 'topic') return html`<${Topic} snapshot=${snapshot} engine=${view.engine} name=${view.topic} version=${version} />`;
  if (view.name === 'parked') return html`<${Parked} snapshot=${snapshot} version=${version} />`;
  return html`<${Overview} snapshot=${snapshot} />`;
};

const App = () => html`
  <${Head} ...${state} />
  <main id="main" tabindex="-1" class=${state.silence.problem ? 'stale' : ''}>
    <${Silence} silence=${state.silence} />
    <${Notice} notice=${state.notice} />
    <${Main} ...${state} />
  </main>
  ${state.snapshot && html`<footer>Version ${state.snapshot.version}, started ${new Date(state.snapshot.startedAt).toLocaleString('en-GB')}. The same by machine: <a href="actuator/etd">actuator/etd</a></footer>`}
  ${state.dialog && html`<${Dialog} question=${state.dialog} onDone=${acted} />`}`;

/** After an action its button may be gone, and with it the focus. */
const acted = async () => {
  version += 1;
  await look();
  if (document.activeElement === document.body) document.getElementById('notice')?.focus();
};

const root = document.getElementById('app');
onChange(() => render(html`<${App} />`, root));

addEventListener('hashchange', () => {
  if (location.hash && !location.hash.startsWith('#/')) return; // the skip link
  change({ view: viewOf(location.hash), notice: null });
  document.querySelector('h1')?.focus();
  scrollTo(0, 0);
});
document.addEventListener('visibilitychange', () => document.hidden || look());
matchMedia('(max-width: 700px)').addEventListener('change', () => change({}));

change({ view: viewOf(location.hash) });
look();
