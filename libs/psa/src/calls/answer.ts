/** What came back, before anybody judged it. */
export interface Answer {
  status: number;
  /** Lower case, without parameters; empty where absent. */
  contentType: string;
  retryAfter: string | null;
  requestId: string | null;
  text: string;
}

/** The JSON of an answer; undefined where it is none, whatever the answer claims to be. */
export function jsonOf(answer: Answer): unknown {
  const isJson = answer.contentType === '' || /[/+]json$/.test(answer.contentType);
  if (!isJson || answer.text.trim() === '') return undefined;
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    return undefined;
  }
}
