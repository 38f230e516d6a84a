/** For `@IsISO8601`. */
export const TIME = { strict: true, strictSeparator: true };

/** With a zone: without one it would be read in that of the server. */
export const ZONED = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

export const AS_ZONED = { message: '$property must be a time with its zone, such as 2026-11-21T08:00:00Z' };
