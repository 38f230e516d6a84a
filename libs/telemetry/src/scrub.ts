const RULES: readonly (readonly [RegExp, string])[] = [
  // API, endpoint and service keys: the prefix tells which kind leaked, the rest is gone.
  [/\b(bk[a-z])_[A-Za-z0-9_-]{6,}/g, '$1_[redacted]'],
  [/(\/ingest\/[a-z0-9-]{1,40}\/)[^/?#\s"\\]+/gi, '$1[redacted]'],
  [/(\/ping\/)[^/?#\s"\\]+/gi, '$1[redacted]'],
  [/\b(Bearer|Basic)(\s+)[A-Za-z0-9._~+/=-]{6,}/gi, '$1$2[redacted]'],
  [/([a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/@"]{1,100}:)[^\s@/"]{1,200}@/gi, '$1[redacted]@'],
];

const SECRET_FIELD =
  /"((?:[a-z0-9]{0,20}[-_]?)?(?:password|passwd|secret|privateKey|apiKey|authorization|cookie|set-cookie|x-api-key|x-backhaul-principal|clientSecret|accessToken|refreshToken|token))":"(?:[^"\\]|\\.)*"/gi;

/** Removes keys, credentials in URLs and authorization values from free text. */
export function scrubText(text: string): string {
  let out = text;
  for (const [pattern, replacement] of RULES) out = out.replace(pattern, replacement);
  return out;
}

/**
 * The last net over a finished JSON log line: secrets by field name and by shape, and every control
 * character that JSON leaves as it is (DEL, C1, line separators).
 */
export function scrubLine(line: string): string {
  const body = line.endsWith('\n') ? line.slice(0, -1) : line;
  const scrubbed = scrubText(body.replace(SECRET_FIELD, '"$1":"[redacted]"'));
  return escapeControls(scrubbed) + (body.length === line.length ? '' : '\n');
}

function escapeControls(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
