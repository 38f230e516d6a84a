/** The way out for whoever calls what is no PSA: its guard, and nothing else of this library. */
export { type AllowList, bareHost, parseAllowList } from './allow-list.js';
export { createEgressDispatcher, EgressBlocked } from './egress.dispatcher.js';
