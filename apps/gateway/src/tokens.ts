/** Under these names Nest injects what is no class. */
export const API_KEYS = Symbol('API_KEYS');
export const RATE_LIMITER = Symbol('RATE_LIMITER');
