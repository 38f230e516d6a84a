import { sendSpool } from './spooled-script.js';

export const URBACKUP_SPOOL = '/var/spool/backhaul-urbackup';

/** Goes before the server's own report script, which goes on to send its mails. */
export const URBACKUP_REPORT_LUA = `-- Logs, Reports, Edit report script: put this before what is there. UrBackup runs the script for users with a
-- report address only: give one user an address, log level Info and "send reports: all".
do
  local function leave()
    local spool = "${URBACKUP_SPOOL}/"
    local name = spool .. string.format("%d-%d-%d", os.time(), params.clientid, params.image)
    local file = assert(io.open(name .. ".tmp", "w"))
    assert(file:write(require("dkjson").encode(params)))
    assert(file:close())
    assert(os.rename(name .. ".tmp", name .. ".json"))
  end
  local ok, reason = pcall(leave)
  if not ok then log("Backhaul: " .. tostring(reason), LL_ERROR) end
end
`;

export function urbackupSender(url: string): string {
  return `#!/bin/sh
# /usr/local/sbin/backhaul-urbackup, from the crontab of the user urbackup: * * * * * /usr/local/sbin/backhaul-urbackup
# Once: install -d -o urbackup -g urbackup -m 0700 ${URBACKUP_SPOOL}
# and:  chown urbackup /usr/local/sbin/backhaul-urbackup; chmod 0700 /usr/local/sbin/backhaul-urbackup
umask 077
spool=\${BACKHAUL_SPOOL:-${URBACKUP_SPOOL}}
${sendSpool(url)}
send
exit 0
`;
}
