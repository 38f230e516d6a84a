import {
  Caller,
  etagOf,
  NeedsStepUp,
  NotWhileImpersonating,
  type Principal,
  WholePartner,
} from '@backhaul/http';
import { Body, Controller, Get, Headers, Put, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { shown } from '../answers.js';
import { MaySetUp } from '../rights.js';
import { ImpersonationPolicy } from './impersonation-policy.js';

export class ImpersonationPolicyIn {
  /** False: nobody of the partnership acts as somebody else, from the next request on. */
  @IsBoolean() isAllowed: boolean;
}

export class ImpersonationPolicyOut {
  isAllowed: boolean;
}

@ApiTags('impersonation')
@MaySetUp()
@WholePartner()
@Controller('api/v1/impersonation-policy')
export class ImpersonationPolicyController {
  constructor(private readonly policy: ImpersonationPolicy) {}

  @Get()
  @ApiOkResponse({ type: ImpersonationPolicyOut })
  async read(
    @Caller() caller: Principal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImpersonationPolicyOut> {
    return answer(reply, await this.policy.isAllowed(caller));
  }

  @Put()
  @NeedsStepUp()
  @NotWhileImpersonating()
  @ApiOkResponse({ type: ImpersonationPolicyOut })
  async set(
    @Caller() caller: Principal,
    @Headers('if-match') ifMatch: string | undefined,
    @Body() { isAllowed }: ImpersonationPolicyIn,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImpersonationPolicyOut> {
    await this.policy.set(caller, ifMatch, isAllowed);
    return answer(reply, isAllowed);
  }
}

const answer = (reply: FastifyReply, isAllowed: boolean): ImpersonationPolicyOut =>
  shown(reply, etagOf({ isAllowed }), { isAllowed });
