import { MACHINE_ZONE, sendSpool } from './spooled-script.js';

/** Asks the server for the jobs of today and yesterday, and reports each answer that is new. */
export function ahsayScript(url: string): string {
  return `#!/bin/sh
# /usr/local/sbin/backhaul-ahsay, from cron every 10 minutes: owner root, mode 0700. Needs jq, curl and GNU date.
# /etc/backhaul-ahsay.json, mode 0600: {"SysUser":"backhaul","SysPwd":"..."}, a system user that may only use the API.
# Times are read in the zone of this machine; set zone= where the users' is another.
umask 077
cbs=\${BACKHAUL_CBS:-https://127.0.0.1/obs/api/json}
login_file=\${BACKHAUL_LOGIN:-/etc/backhaul-ahsay.json}
spool=\${BACKHAUL_SPOOL:-/var/lib/backhaul-ahsay}
mkdir -p "$spool/told" || exit 1
${MACHINE_ZONE}
${sendSpool(url)}
# api CALL NAME=VALUE..: the password goes by a pipe, never as an argument.
api() {
  call=$1; shift
  jq -c '. + ($ARGS.positional | map(capture("^(?<key>[^=]+)=(?<value>.*)$")) | from_entries)' "$login_file" --args "$@" |
    curl -fsS -m 60 -H 'content-type: application/json' --data-binary @- "$cbs/$call.do"
}

for day in "$(date -d yesterday +%F)" "$(date +%F)"; do
  api 2/ListUsers | jq -r '.Data[]?.LoginName // empty' | while IFS= read -r login; do
    answer=$(api ListBackupJobStatus "LoginName=$login" "BackupDate=$day" |
      jq -c --arg login "$login" --arg zone "$zone" --arg server "$(hostname)" \\
        'select((.Data | type) == "array" and (.Data | length) > 0) | . + {LoginName: $login, zone: $zone, server: $server}')
    [ -n "$answer" ] || continue
    name=$(printf '%s' "$login/$day" | sha256sum | cut -c1-32)
    # Only what changed since the last time: a status that was empty is now an end.
    [ "$answer" = "$(cat "$spool/told/$name" 2>/dev/null)" ] && continue
    file=$spool/$(date +%s)-$$-$name
    printf '%s\\n' "$answer" >"$file.tmp" && mv "$file.tmp" "$file.json" && printf '%s\\n' "$answer" >"$spool/told/$name"
  done
done
find "$spool/told" -type f -mtime +3 -delete
send
exit 0
`;
}
