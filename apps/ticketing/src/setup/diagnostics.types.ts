import { ApiProperty } from '@nestjs/swagger';

export const STEP_STATES = ['ok', 'warning', 'failed', 'skipped'] as const;
export type StepState = (typeof STEP_STATES)[number];

export class FindingOut {
  @ApiProperty({ enum: ['error', 'warning'] }) level: 'error' | 'warning';
  reason: string;
  /** What is wrong, and how it is mended. */
  message: string;
}

export class DiagnosisOut {
  name: string;
  /** Of the vendor's setup guide. */
  @ApiProperty({ type: String, nullable: true }) guideStep: string | null;
  @ApiProperty({ enum: STEP_STATES }) state: StepState;
  @ApiProperty({ type: FindingOut, isArray: true }) findings: FindingOut[];
}

export class DiagnosticsOut {
  /** No step failed. */
  isOk: boolean;
  @ApiProperty({ type: DiagnosisOut, isArray: true }) steps: DiagnosisOut[];
  readAt: string;
}
