import { ValidateIf } from 'class-validator';

/** One function for all uses, so that the fast path recognises it. */
export const IS_OMITTABLE = (_: object, value: unknown): boolean => value !== undefined;

/** The property may be left out, but not be null: unlike `@IsOptional()`, which lets null through. */
export const Omittable = (): PropertyDecorator => ValidateIf(IS_OMITTABLE);
