import { MACHINE_ZONE, sendSpool } from './spooled-script.js';

/** Asks the director how a job ended; what the RunScript knows stands in where the director does not answer. */
export function bareosScript(url: string): string {
  return `#!/bin/sh
# /usr/local/sbin/backhaul-bareos, on the director: owner bareos, mode 0700. Needs bconsole, jq and curl.
# From the RunScript: backhaul-bareos JOBID EXIT NAME CLIENT TYPE LEVEL
# From cron, daily, for what was missed: backhaul-bareos
umask 077
spool=\${BACKHAUL_SPOOL:-/var/lib/bareos/backhaul}
mkdir -p "$spool" || exit 0
${MACHINE_ZONE}
${sendSpool(url)}
ask() {
  printf '.api 2\\n%s\\n' "$1" | bconsole 2>/dev/null | sed -n '/^{.*}$/{p;b};/^{/,/^}/p' |
    jq -c -s --arg exit "$2" 'map(select(.result.jobs | type == "array" and length > 0)) | last // empty
      | (.result.jobs[] | select(.jobstatus == "R" and $exit != "") | .jobstatus) |= $exit'
}

if [ $# -eq 0 ]; then answer=$(ask 'llist jobs days=2' ''); else answer=$(ask "llist jobid=$1" "$2"); fi
if [ -z "$answer" ] && [ $# -ge 6 ]; then
  answer=$(jq -n -c '$ARGS.positional | {jobid:.[0], jobstatus:.[1], name:.[2], clientname:.[3], type:.[4], level:.[5]}' --args "$@")
fi
if [ -n "$answer" ]; then
  file=$spool/$(date +%s)-\${1:-all}-$$
  printf '%s\\n' "$answer" | jq -c --arg host "$(hostname)" --arg zone "$zone" '. + {director: $host, host: $host, zone: $zone}' >"$file.tmp" && mv "$file.tmp" "$file.json"
fi
send
exit 0
`;
}

export const BAREOS_RUN_SCRIPT = `RunScript {
  RunsWhen = After
  RunsOnSuccess = yes
  RunsOnFailure = yes
  RunsOnClient = no
  FailJobOnError = no
  Command = "/usr/local/sbin/backhaul-bareos \\"%i\\" \\"%e\\" \\"%n\\" \\"%c\\" \\"%t\\" \\"%l\\""
}
`;
