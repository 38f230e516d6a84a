import { toWellFormedText } from '@backhaul/domain';

/** Controls, and what turns the direction of text round so that it reads as something else. */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}]/gu;

/** Text of strangers as a mail may hold it: lines, but no controls; cut where it is too long. */
export function plainText(text: string, longest: number): string {
  const clean = toWellFormedText(text).replace(/\r\n?|[\u2028\u2029]/g, '\n').replace(UNSEEN, ' '); // prettier-ignore
  const characters = [...clean];
  return characters.length <= longest ? clean : `${characters.slice(0, longest - 1).join('')}…`;
}

/** The same for a header: one line, so that it can begin no other. */
export const oneLine = (text: string, longest: number): string =>
  plainText(
    plainText(text, longest * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    longest,
  );
