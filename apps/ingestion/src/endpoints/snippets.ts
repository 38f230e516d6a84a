import type { EndpointAgent } from './endpoint.js';
import { ahsayScript } from './ahsay-script.js';
import { BAREOS_RUN_SCRIPT, bareosScript } from './bareos-script.js';
import { KOPIA_TEMPLATE } from './kopia-template.js';
import { URBACKUP_REPORT_LUA, urbackupSender } from './urbackup-script.js';
import { veeamScript } from './veeam-script.js';

/** Ready to paste, once `YOUR_KEY` is replaced by the endpoint's key, which is shown only when it is made. */
export interface Snippet {
  title: string;
  language: 'sh' | 'ini' | 'json' | 'lua' | 'powershell' | 'text';
  text: string;
}

const KEY = 'YOUR_KEY';

export function snippetsFor(agent: EndpointAgent, publicUrl: string): Snippet[] {
  const url = `${publicUrl}/ingest/${agent}/${KEY}`;
  return [...FOR_AGENT[agent](url), curl(url, `${publicUrl}/ping/${KEY}`)];
}

function curl(url: string, ping: string): Snippet {
  return {
    title: 'Try it with curl',
    language: 'sh',
    text: `# Is the address right? Stores nothing.\ncurl -fsS ${url}\n\n# Report by hand: the exit code of a job is enough.\ncurl -fsS -m 10 --retry 5 --data-binary @report.json ${url}\ncurl -fsS -m 10 --retry 5 ${ping}/$?\n`,
  };
}

const FOR_AGENT: Record<EndpointAgent, (url: string) => Snippet[]> = {
  duplicati: (url) => [
    {
      title: 'Duplicati, default options',
      language: 'ini',
      text: `--send-http-json-urls=${url}\n--send-http-level=all\n--send-http-any-operation=true\n--send-http-max-log-lines=200\n`,
    },
  ],
  restic: (url) => [wrapper('restic', url, 'restic backup --json "$@"', 'restic-backup.sh /srv/data')],
  borg: (url) => [
    wrapper(
      'borg',
      url,
      'borg create --json --log-json "$@"',
      "borg-backup.sh '::{hostname}-{now}' /srv/data",
    ),
  ],
  kopia: (url) => [
    {
      title: 'Kopia, notification profile',
      language: 'sh',
      text: `kopia notification profile configure webhook --profile-name=backhaul \\\n  --endpoint=${url} --method=POST --format=txt --min-severity=report\n# Save the template below as snapshot-report.txt, then:\nkopia notification template set snapshot-report.txt --from-file=snapshot-report.txt\n`,
    },
    {
      title: 'Kopia, JSON template for snapshot-report.txt',
      language: 'text',
      text: KOPIA_TEMPLATE,
    },
  ],
  'proxmox-ve': (url) => proxmox('Proxmox VE', 'pvesh create /cluster/notifications/endpoints/webhook', url),
  'proxmox-bs': (url) =>
    proxmox('Proxmox Backup Server', 'proxmox-backup-manager notification endpoint webhook create', url),
  comet: (url) => [
    {
      title: 'Comet, Server Settings, Webhooks',
      language: 'json',
      text: `{ "URL": "${url}", "Level": "level-full", "WhiteListedEventTypes": [] }\n`,
    },
  ],
  'veeam-vbr': (url) => [
    { title: 'Veeam, scheduled task on the backup server', language: 'powershell', text: veeamScript(url) },
  ],
  ahsay: (url) => [{ title: 'AhsayCBS, script for cron', language: 'sh', text: ahsayScript(url) }],
  urbackup: (url) => [
    { title: 'UrBackup, report script', language: 'lua', text: URBACKUP_REPORT_LUA },
    { title: 'UrBackup, sender for cron', language: 'sh', text: urbackupSender(url) },
  ],
  bareos: (url) => [
    { title: 'Bareos, script on the director', language: 'sh', text: bareosScript(url) },
    { title: 'Bareos, RunScript of each job', language: 'text', text: BAREOS_RUN_SCRIPT },
  ],
  generic: (url) => [
    {
      title: 'Any script',
      language: 'sh',
      text: `#!/bin/sh\nyour-backup-command; code=$?\ncurl -fsS -m 10 --retry 5 --json "{\\"outcome\\":{\\"status\\":\\"$([ $code -eq 0 ] && echo success || echo failed)\\",\\"exitCode\\":$code},\\"identity\\":{\\"hostName\\":\\"$(hostname)\\"},\\"job\\":{\\"jobName\\":\\"nightly\\"}}" ${url}\nexit $code\n`,
    },
  ],
};

/** The program knows its exit code, its output does not: the wrapper sends both, and keeps the code. */
function wrapper(program: string, url: string, command: string, usage: string): Snippet {
  const text = `#!/bin/sh
# ${usage}
out=$(mktemp); err=$(mktemp); trap 'rm -f "$out" "$err"' EXIT
started=$(date -u +%Y-%m-%dT%H:%M:%SZ)
${command} >"$out" 2>"$err"; code=$?
jq -n --arg host "$(hostname)" --arg job "$0" --arg startedAt "$started" \\
  --arg endedAt "$(date -u +%Y-%m-%dT%H:%M:%SZ)" --argjson exitCode "$code" \\
  --rawfile stdout "$out" --rawfile stderr "$err" \\
  '{host:$host,job:$job,command:"${program}",startedAt:$startedAt,endedAt:$endedAt,exitCode:$exitCode,stdout:$stdout,stderr:$stderr}' |
  gzip -c | curl -fsS -m 30 --retry 5 -H 'content-type: application/json' -H 'content-encoding: gzip' --data-binary @- ${url}
exit $code
`;
  return { title: `Wrapper script for ${program}`, language: 'sh', text };
}

function proxmox(title: string, command: string, url: string): Snippet[] {
  const body =
    '{"source":{{ json fields.hostname }},"title":{{ json title }},"message":{{ json message }},"severity":{{ json severity }},"timestamp":{{ timestamp }},"fields":{{ json fields }}}';
  return [
    {
      title: `${title}, webhook target`,
      language: 'sh',
      text: `${command} --name backhaul --method post --url '${url}' \\\n  --header name=Content-Type,value=$(printf application/json | base64) \\\n  --body "$(printf '%s' '${body}' | base64 -w0)"\n`,
    },
    { title: `${title}, body template`, language: 'text', text: `${body}\n` },
  ];
}
