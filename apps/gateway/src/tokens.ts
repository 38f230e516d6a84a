/** Under these names Nest injects what is no class. */
export const LIMITERS = Symbol('LIMITERS');
export const TRUSTED_PROXIES = Symbol('TRUSTED_PROXIES');
