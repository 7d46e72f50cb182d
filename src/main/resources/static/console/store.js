// What the page knows; whoever changes it has the page drawn again.
const EMPTY = { problem: null, since: null };

export const state = {
  session: null, // who is logged in
  snapshot: null, // the last answer of actuator/etd
  silence: EMPTY, // why there is no newer one
  updating: true,
  view: { name: 'overview' },
  dialog: null,
  notice: null,
};

let draw = () => {};

export const onChange = (callback) => {
  draw = callback;
};

export const change = (patch) => {
  Object.assign(state, patch);
  draw();
};

export const answered = (snapshot, session) => change({ snapshot, session, silence: EMPTY });

export const silent = (problem) =>
  change({ silence: { problem, since: state.silence.since ?? new Date().toISOString() } });

export const mayAct = () => state.session?.role === 'operator';
