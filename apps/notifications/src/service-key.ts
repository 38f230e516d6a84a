/** The text of SERVICE_TOKEN_KEY; Nest finds it by its class. */
export class ServiceKey {
  constructor(readonly text: string) {}
}
