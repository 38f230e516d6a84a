const SHOWN = 4;

/** The last four characters, where there are more than those: enough to tell keys apart (B16). */
export const masked = (text: string): string =>
  text === '' ? '' : `****${text.length > SHOWN ? text.slice(-SHOWN) : ''}`;
