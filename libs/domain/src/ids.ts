/** Branded identifiers: a bare `string` or `number` id never crosses a signature. */
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

export type PartnerId = Branded<string, 'PartnerId'>;
export type BrandId = Branded<string, 'BrandId'>;
/** The Cust. ID people see, such as 34826. Unique within one partner. */
export type CustomerId = Branded<number, 'CustomerId'>;
/** The account number people see, such as 80202028. Unique everywhere. */
export type AccountNo = Branded<number, 'AccountNo'>;
export type EndpointId = Branded<string, 'EndpointId'>;
export type EventId = Branded<string, 'EventId'>;
export type RuleId = Branded<string, 'RuleId'>;
/** Of an automated event handler. */
export type HandlerId = Branded<string, 'HandlerId'>;
export type RequestId = Branded<string, 'RequestId'>;
export type IncidentId = Branded<string, 'IncidentId'>;
export type ConnectionId = Branded<string, 'ConnectionId'>;
export type LaneKey = Branded<string, 'LaneKey'>;
/** `BK` and 16 base32 characters; the text by which a ticket is found again in a PSA. */
export type Marker = Branded<string, 'Marker'>;

/** The key of the lane that holds one account's work on one connection. */
export function laneKeyOf(connectionId: ConnectionId, accountNo: AccountNo): LaneKey {
  return `${connectionId}|${accountNo}` as LaneKey;
}
