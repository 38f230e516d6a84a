import { generateSecret, generateURI, verifySync } from 'otplib';

const ISSUER = 'Backhaul';
/** Clocks of phones may be one step early or late. */
const TOLERANCE_S = 30;

export const newTotpSecret = (): string => generateSecret({ length: 20 });

export const totpUri = (secret: string, username: string): string =>
  generateURI({ issuer: ISSUER, label: username, secret });

/** The step of 30 s whose code this is, if it is later than `lastStep`; null for any other text. */
export function totpStepOf(secret: string, code: string, at: Date, lastStep: number): number | null {
  if (!/^\d{6}$/.test(code)) return null;
  const epoch = Math.floor(at.getTime() / 1000);
  const found = verifySync({ secret, token: code, epoch, epochTolerance: TOLERANCE_S });
  if (!found.valid || !('timeStep' in found)) return null;
  return found.timeStep > lastStep ? found.timeStep : null;
}
