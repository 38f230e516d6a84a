import type { Clock, Secret } from '@backhaul/domain';
import type { AuditTrail, UnitOfWork } from '@backhaul/persistence';
import type { Type } from '@nestjs/common';
import type { AccountRepository } from './accounts/account.repository.js';
import type { PasswordFingerprint } from './accounts/passwords.js';
import { AuthenticateHandler } from './authentications/authenticate.handler.js';
import { AuthenticationsController } from './authentications/authentications.controller.js';
import { ServiceKey } from './authentications/client.js';
import { ChangePassword } from './credentials/change-password.js';
import { CredentialsController } from './credentials/credentials.controller.js';
import { EndLoginsHandler } from './credentials/end-logins.handler.js';
import { SetPasswordHandler } from './credentials/set-password.handler.js';
import { SetRoleHandler } from './credentials/set-role.handler.js';
import type { CustomerRepository } from './customers/customer.repository.js';
import { ImpersonateHandler } from './impersonation/impersonate.handler.js';
import { ImpersonationPolicy } from './impersonation/impersonation-policy.js';
import { ImpersonationPolicyController } from './impersonation/impersonation-policy.controller.js';
import { MyImpersonationsController } from './impersonation/my-impersonations.controller.js';
import { ImpersonationController } from './impersonation/impersonation.controller.js';
import { ChallengeRepository } from './passkeys/challenge.repository.js';
import { ChangePasskeysHandler } from './passkeys/change-passkeys.handler.js';
import { LogInByPasskeyHandler } from './passkeys/log-in-by-passkey.handler.js';
import { PasskeyRepository } from './passkeys/passkey.repository.js';
import { PasskeySessionController } from './passkeys/passkey-session.controller.js';
import { PasskeysController } from './passkeys/passkeys.controller.js';
import { ProvePasskeyHandler } from './passkeys/prove-passkey.handler.js';
import { IssueResetsHandler } from './password-resets/issue-resets.handler.js';
import { PasswordResetRepository } from './password-resets/password-reset.repository.js';
import { PasswordResetsController } from './password-resets/password-resets.controller.js';
import { ResetPasswordHandler } from './password-resets/reset-password.handler.js';
import { CheckCredentialsHandler } from './people/check-credentials.handler.js';
import { HashGate } from './people/hash-gate.js';
import { LoginRecord } from './people/login-record.js';
import { LoginThrottle, ResetThrottle } from './people/login-throttle.js';
import { MeController } from './people/me.controller.js';
import { PersonRepository } from './people/person.repository.js';
import { ChangeFactorsHandler } from './second-factors/change-factors.handler.js';
import { MfaController } from './second-factors/mfa.controller.js';
import { RecoveryCodes } from './second-factors/recovery-codes.js';
import { SecretBox } from './second-factors/secret-box.js';
import { SecondFactors } from './second-factors/second-factors.js';
import { LogInHandler } from './sessions/log-in.handler.js';
import { SessionController } from './sessions/session.controller.js';
import { SessionRepository } from './sessions/session.repository.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { StepUpHandler } from './sessions/step-up.handler.js';
import { AccessTokenRepository } from './tokens/access-token.repository.js';
import { CheckProgramHandler } from './tokens/check-program.handler.js';
import { KnownPasswords } from './tokens/known-passwords.js';
import { TokensController } from './tokens/tokens.controller.js';

export interface LoginSettings {
  unitOfWork: UnitOfWork;
  accounts: AccountRepository;
  customers: CustomerRepository;
  fingerprint: PasswordFingerprint;
  audit: AuditTrail;
  /** Outlives the key encryption key. */
  fingerprintKey: Secret<Buffer>;
  clock: Clock;
  /** PUBLIC_URL: where the portal is, and so whose passkeys are. */
  publicUrl: string;
  serviceTokenKey: string;
}

/** What lets people and programs in, put together; the other half of the app module. */
export function loginParts(settings: LoginSettings): { provided: object[]; controllers: Type[] } {
  const { unitOfWork, accounts, customers, fingerprint, audit, fingerprintKey, clock, publicUrl } = settings;
  const gate = new HashGate();
  const people = new PersonRepository(unitOfWork);
  const sessions = new SessionRepository(unitOfWork, clock);
  const tokens = new AccessTokenRepository(unitOfWork, clock);
  const record = new LoginRecord(unitOfWork, clock);
  const throttle = new LoginThrottle(unitOfWork, clock);
  const credentials = new CheckCredentialsHandler(people, throttle, record);
  const codes = new RecoveryCodes(fingerprintKey);
  const factors = new SecondFactors(unitOfWork, codes, new SecretBox(fingerprintKey), clock);
  const programs = new CheckProgramHandler(gate, credentials, people, new KnownPasswords(), record);
  const authenticate = new AuthenticateHandler(people, sessions, tokens, programs, clock);
  const logIn = new LogInHandler(gate, credentials, factors, sessions, record, unitOfWork);
  const challenges = new ChallengeRepository(unitOfWork, clock);
  const passkeys = new PasskeyRepository(unitOfWork, clock);
  const provePasskey = new ProvePasskeyHandler(publicUrl, challenges, passkeys, people, unitOfWork, audit);
  const stores = { challenges, passkeys, sessions };
  const proof = { credentials, factors, passkeys: provePasskey };
  const keeping = { fingerprint, audit };
  const changePassword = new ChangePassword(unitOfWork, accounts, sessions, gate, keeping);
  const resets = new PasswordResetRepository(unitOfWork, clock);
  return {
    provided: [
      new ServiceKey(settings.serviceTokenKey),
      gate, people, sessions, tokens, programs, authenticate,
      logIn,
      new LogInByPasskeyHandler(provePasskey, throttle, record, logIn, authenticate),
      new ChangePasskeysHandler(publicUrl, unitOfWork, authenticate, stores, audit),
      new StepUpHandler(gate, proof, throttle, authenticate, sessions, unitOfWork),
      new ImpersonationPolicy(unitOfWork, audit),
      new ImpersonateHandler(unitOfWork, accounts, people, sessions, authenticate, { clock, audit }),
      new SetPasswordHandler(unitOfWork, accounts, people, changePassword),
      new EndLoginsHandler(unitOfWork, { accounts, people, sessions, factors, passkeys }, audit),
      resets, new ResetThrottle(unitOfWork, clock),
      new IssueResetsHandler(unitOfWork, resets, people, audit, settings.serviceTokenKey),
      new ResetPasswordHandler(resets, people, changePassword),
      new SetRoleHandler(unitOfWork, accounts, people, sessions, customers, audit),
      new ChangeFactorsHandler(unitOfWork, authenticate, factors, codes, sessions, audit),
    ],
    controllers: [
      SessionController, SessionsController, TokensController, AuthenticationsController, MeController,
      CredentialsController, ImpersonationController, MfaController, PasskeysController, PasskeySessionController,
      ImpersonationPolicyController, MyImpersonationsController, PasswordResetsController,
    ],
  }; // prettier-ignore
}
