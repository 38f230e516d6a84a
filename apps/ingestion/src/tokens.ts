/** Under these names Nest injects what is no class. */
export const CLOCK = Symbol('CLOCK');
export const PUBLIC_INGEST_URL = Symbol('PUBLIC_INGEST_URL');
export const SERVICE_TOKEN_KEY = Symbol('SERVICE_TOKEN_KEY');
