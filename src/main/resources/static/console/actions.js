// What an operator can do, and what is asked before it is done.
import * as api from './api.js';
import { ask } from './dialog.js';
import { plural } from './text.js';

export const pause = (topic) =>
  ask({
    title: `Pause ${topic.topic}?`,
    text: 'The engine is not asked for its tasks any more; they wait there and lose no retry. Work in progress ends as usual.',
    confirm: 'Pause the topic',
    run: () => api.pause(topic),
  });

export const resume = (topic) =>
  ask({
    title: `Resume ${topic.topic}?`,
    text: 'The engine is asked for its tasks again, beginning with those that have waited.',
    confirm: 'Resume the topic',
    run: () => api.resume(topic),
  });

export const replayAll = (topic, n) =>
  ask({
    title: `Replay ${plural(n, 'incident')} of ${topic.topic}?`,
    text: 'Each task gets one retry, and its work is done again. Mend the cause first: a task that fails again is an incident again.',
    confirm: `Replay ${plural(n, 'incident')}`,
    run: () => api.replay(topic),
  });

export const replayOne = (topic, incident) =>
  ask({
    title: 'Replay this incident?',
    text: `Task ${incident.taskId} of ${topic.topic}${incident.businessKey ? ` (${incident.businessKey})` : ''} gets one retry, and its work is done again.`,
    confirm: 'Replay the incident',
    run: () => api.replay(topic, [incident.taskId]),
  });

export const unlock = (topic, taskId) =>
  ask({
    title: 'Unlock this task?',
    text: `Task ${taskId} of ${topic.topic} can then be fetched at once, although somebody may still be working on it: its work may be done twice.`,
    confirm: 'Unlock the task',
    danger: true,
    run: () => api.unlock(topic, taskId),
  });

export const redrive = (ids, n) =>
  ask({
    title: `Send ${plural(n, 'parked message')} back?`,
    text: 'They go to the queues that they came from and are tried again with a new time to live. What is still wrong with one parks it again.',
    confirm: `Redrive ${plural(n, 'message')}`,
    run: () => api.redrive(ids),
  });

export const discard = (ids) =>
  ask({
    title: `Discard ${plural(ids.length, 'parked message')}?`,
    text: 'They are deleted for good, and no process instance will get them.',
    confirm: `Discard ${plural(ids.length, 'message')}`,
    danger: true,
    run: () => api.discard(ids),
  });
