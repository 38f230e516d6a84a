import { IsString, Length } from 'class-validator';

export class RequestResetIn {
  @IsString() @Length(1, 200) username: string;
}

export class NewPasswordIn {
  @IsString() @Length(1, 1024) password: string;
}
