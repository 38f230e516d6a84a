/** Windows PowerShell 5.1 and PowerShell 7: sessions that ended since the last run, each a file until it is delivered. */
export function veeamScript(url: string): string {
  return `# C:\\ProgramData\\Backhaul\\backhaul-veeam.ps1, as a scheduled task on the backup server every 10 minutes.
# Once, as the user of that task (a backup viewer is enough):
#   Get-Credential | Export-Clixml C:\\ProgramData\\Backhaul\\login.xml
# The certificate of the REST service must be trusted by Windows, and $server be the name in it.
$ErrorActionPreference = 'Stop'
$url = '${url}'
$server = "https://$([Net.Dns]::GetHostEntry('').HostName):9419"
$folder = 'C:\\ProgramData\\Backhaul'
$spool = Join-Path $folder 'spool'
$stateFile = Join-Path $folder 'state.json'
New-Item -ItemType Directory -Force $spool | Out-Null
[Net.ServicePointManager]::SecurityProtocol = [Net.ServicePointManager]::SecurityProtocol -bor [Net.SecurityProtocolType]::Tls12
$utf8 = New-Object System.Text.UTF8Encoding $false

function Get-EndedSession($since) {
  $login = (Import-Clixml (Join-Path $folder 'login.xml')).GetNetworkCredential()
  $name = if ($login.Domain) { "$($login.Domain)\\$($login.UserName)" } else { $login.UserName }
  $version = @{ 'x-api-version' = '1.1-rev0' }
  $grant = @{ grant_type = 'password'; username = $name; password = $login.Password }
  $token = Invoke-RestMethod -Method Post "$server/api/oauth2/token" -Headers $version -Body $grant
  $headers = $version + @{ Authorization = "Bearer $($token.access_token)" }
  $skip = 0
  do {
    $after = [uri]::EscapeDataString($since.ToString('o'))
    $page = Invoke-RestMethod "$server/api/v1/sessions?skip=$skip&limit=200&orderColumn=EndTime&orderAsc=true&endedAfterFilter=$after" -Headers $headers
    foreach ($session in $page.data) {
      if ($session.result.result -in 'Warning', 'Failed') {
        try {
          $log = Invoke-RestMethod "$server/api/v1/sessions/$($session.id)/logs" -Headers $headers
          $session | Add-Member -NotePropertyName log -NotePropertyValue $log
        } catch { Write-Warning "No log of $($session.id): $_" }
      }
      $session
    }
    $skip += 200
  } while ($page.data.Count -eq 200)
}

${SPOOL_AND_SEND}`;
}

const SPOOL_AND_SEND = `# An hour again each time: sessions end while we ask. Those that were told are skipped.
$state = if (Test-Path $stateFile) { Get-Content -Raw $stateFile | ConvertFrom-Json } else { $null }
$since = if ($state) { ([datetime]$state.until).ToUniversalTime().AddHours(-1) } else { [datetime]::UtcNow.AddDays(-1) }
$until = [datetime]::UtcNow
try {
  $told = @()
  foreach ($session in @(Get-EndedSession $since)) {
    $told += $session.id
    if ($state -and $session.id -in $state.told) { continue }
    $report = @{ vbrHostName = [Net.Dns]::GetHostEntry('').HostName; data = @($session) } | ConvertTo-Json -Depth 20
    $file = Join-Path $spool "$($until.ToString('yyyyMMddHHmmss'))-$($session.id)"
    [IO.File]::WriteAllText("$file.tmp", $report, $utf8)
    Move-Item -Force "$file.tmp" "$file.json"
  }
  [IO.File]::WriteAllText($stateFile, (@{ until = $until.ToString('o'); told = $told } | ConvertTo-Json), $utf8)
} catch { Write-Warning "Sessions could not be read, the next run asks again: $_" }

# What is not delivered now stays for the next run; what is too large is set aside.
foreach ($file in Get-ChildItem $spool -Filter *.json | Sort-Object Name) {
  try {
    Invoke-RestMethod -Method Post $url -ContentType 'application/json' -Body ([IO.File]::ReadAllBytes($file.FullName)) -TimeoutSec 30 | Out-Null
    Remove-Item $file.FullName
  } catch {
    if ([int]$_.Exception.Response.StatusCode -eq 413) { Move-Item -Force $file.FullName "$($file.FullName).refused"; continue }
    Write-Warning "Kept $($file.Name): $_"
    break
  }
}
`;
