import { EVENT_TYPE_INFO, EVENT_TYPES, type EventType, type EventTypeGroup } from '@backhaul/domain';

/** One box of My Account > Notifications: whether the account's contacts hear of events of that type. */
export interface NotificationOption {
  key: EventType;
  group: EventTypeGroup;
  onByDefault: boolean;
}

/** What somebody chose; what does not stand here is as by default. */
export type Switched = Readonly<Partial<Record<EventType, boolean>>>;

/** Figures for the bill, which nobody wants to be mailed. */
const NO_OPTION: readonly EventType[] = ['service.status_update'];

/** Every type that rules may match is an option; on by default is what means that data may not be safe. */
export const OPTIONS: readonly NotificationOption[] = EVENT_TYPES.flatMap((key) => {
  const { group, severity } = EVENT_TYPE_INFO[key];
  if (group === null || NO_OPTION.includes(key)) return [];
  return [{ key, group, onByDefault: severity === 'ERROR' }];
});

const BY_KEY = new Map<string, NotificationOption>(OPTIONS.map((option) => [option.key, option]));

export const isOption = (key: string): key is EventType => BY_KEY.has(key);

/** False for what is no option at all. */
export function isOn(switched: Switched, key: EventType): boolean {
  const option = BY_KEY.get(key);
  return option !== undefined && (switched[key] ?? option.onByDefault);
}
