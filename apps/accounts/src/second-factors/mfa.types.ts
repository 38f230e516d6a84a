import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length } from 'class-validator';

export class ConfirmIn {
  /** What the authenticator shows now. */
  @IsString() @Length(6, 6) code: string;
}

export class MfaOut {
  /** An authenticator is set up and confirmed. */
  totp: boolean;
  recoveryCodesLeft: number;
}

export class EnrolmentOut {
  /** Base32, for typing. */
  secret: string;
  /** For a QR code. */
  otpauthUrl: string;
}

export class RecoveryCodesOut {
  /** Shown once; each works once. */
  @ApiProperty({ type: String, isArray: true }) recoveryCodes: string[];
}
