export * from './ids.js';
export * from './canonical-event.js';
export * from './event-types.js';
