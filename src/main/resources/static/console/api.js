// The only file that knows the dispatcher's addresses: docs/operations-api.md.
const BASE = 'actuator/etd';
const PATIENCE = 8_000;

/** Why there is no answer: `session` (log in again), `away` (nobody answers), or `refused` (with the dispatcher's own sentence). */
export class Failure extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

const csrfToken = () => {
  const cookie = document.cookie.split('; ').find((part) => part.startsWith('XSRF-TOKEN='));
  return cookie ? { 'X-XSRF-TOKEN': decodeURIComponent(cookie.slice('XSRF-TOKEN='.length)) } : {};
};

const sentence = (body, status) => body?.problem ?? body?.detail ?? `The dispatcher answered ${status}.`;

const call = async (address, options = {}) => {
  let response;
  try {
    response = await fetch(address, {
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE),
      ...options,
      headers: { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest', ...options.headers },
    });
  } catch {
    throw new Failure('away', 'The dispatcher does not answer.');
  }
  if (response.status === 401 || response.type === 'opaqueredirect') {
    throw new Failure('session', 'Your session has ended.');
  }
  const body = await response.json().catch(() => null);
  if (!response.ok) throw new Failure('refused', sentence(body, response.status));
  if (body === null) throw new Failure('refused', 'The answer is no JSON: is this the dispatcher?');
  return body;
};

const get = (path) => call(`${BASE}${path}`);

const post = (path, body = {}) =>
  call(`${BASE}${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json', ...csrfToken() },
  });

const topicPath = ({ engine, topic }) => `/topics/${encodeURIComponent(engine)}/${encodeURIComponent(topic)}`;

/** Who is logged in and may do what: `{user, role, login}`. */
export const session = () => call('session');
export const overview = () => get('');
export const events = (topic) => get(`${topicPath(topic)}/events`);
export const incidents = (topic) => get(`${topicPath(topic)}/incidents`);
export const locked = (topic) => get(`${topicPath(topic)}/locked`);
export const parked = () => get('/parked');

export const pause = (topic) => post(`${topicPath(topic)}/pause`);
export const resume = (topic) => post(`${topicPath(topic)}/resume`);
export const replay = (topic, taskIds) => post(`${topicPath(topic)}/replay`, { retries: 1, taskIds });
export const unlock = (topic, taskId) => post(`${topicPath(topic)}/tasks/${encodeURIComponent(taskId)}/unlock`);
export const redrive = (ids) => post('/parked/redrive', { ids });
export const discard = (ids) => post('/parked/discard', { ids });

export const logOut = () => fetch('logout', { method: 'POST', headers: csrfToken(), credentials: 'same-origin' });
