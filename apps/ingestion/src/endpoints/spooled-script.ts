/** The lines of a shell script that post what waits in `$spool`, oldest name first: an outage on the way loses nothing. */
export function sendSpool(url: string): string {
  return `# Sends what waits, oldest first. What is not delivered now stays for the next run; what is too large is set aside.
send() {
  for file in "$spool"/*.json; do
    [ -e "$file" ] || return 0
    code=$(curl -sS -m 30 --retry 3 -o /dev/null -w '%{http_code}' -H 'content-type: application/json' --data-binary @"$file" '${url}')
    case $code in
      200) rm -f "$file" ;;
      413) mv "$file" "$file.refused" ;;
      *) echo "backhaul: HTTP $code, kept in $spool" >&2; return 0 ;;
    esac
  done
}
`;
}

/** The zone of the machine, for times that come without one. */
export const MACHINE_ZONE =
  'zone=$(timedatectl show -p Timezone --value 2>/dev/null || cat /etc/timezone 2>/dev/null || echo UTC)\n';
