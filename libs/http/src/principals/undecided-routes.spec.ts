import { describe, expect, it } from '@jest/globals';
import { Controller, Get, Module, Post } from '@nestjs/common';
import { Public, Roles } from '../index.js';
import { startDemo } from '../testing/demo-app.js';

@Controller('api/v1/open')
class ForgetfulController {
  @Get()
  forgotten(): object {
    return {};
  }

  @Roles('partner-api')
  @Post()
  decided(): object {
    return {};
  }
}

@Public()
@Controller('api/v1/public')
class PublicController {
  @Get()
  anybody(): object {
    return {};
  }
}

@Module({ controllers: [ForgetfulController, PublicController] })
class ForgetfulModule {}

@Module({ controllers: [PublicController] })
class DecidedModule {}

describe('a service', () => {
  it('does not start with a route that names neither roles nor everybody', async () => {
    await expect(startDemo({}, ForgetfulModule)).rejects.toThrow(
      'No roles and not public: ForgetfulController.forgotten',
    );
  });

  it('starts when every route does', async () => {
    const demo = await startDemo({}, DecidedModule);
    expect((await fetch(`${demo.url}/api/v1/public`)).status).toBe(200);
    await demo.close();
  });
});
