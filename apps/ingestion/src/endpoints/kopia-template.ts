const KOPIA_TIME = '2006-01-02T15:04:05Z07:00';
/** A field of a snapshot as the template writes it: quoted text, a number, or a time. */
const KOPIA_SNAPSHOT = [
  '"id":{{ printf "%q" $s.Manifest.ID }}',
  '"host":{{ printf "%q" $s.Manifest.Source.Host }}',
  '"user":{{ printf "%q" $s.Manifest.Source.UserName }}',
  '"path":{{ printf "%q" $s.Manifest.Source.Path }}',
  '"status":{{ printf "%q" $s.StatusCode }}',
  `"start":{{ printf "%q" ($s.StartTimestamp.Format "${KOPIA_TIME}") }}`,
  `"end":{{ printf "%q" ($s.EndTimestamp.Format "${KOPIA_TIME}") }}`,
  '"bytes":{{ $s.TotalSize }}',
  '"files":{{ $s.TotalFiles }}',
  '"dirs":{{ $s.TotalDirs }}',
  '"bytesDelta":{{ $s.TotalSizeDelta }}',
  '"errorCount":{{ $s.Manifest.Stats.ErrorCount }}',
  '"ignoredErrorCount":{{ $s.Manifest.Stats.IgnoredErrorCount }}',
  '"incomplete":{{ printf "%q" $s.Manifest.IncompleteReason }}',
  '"error":{{ printf "%q" $s.Error }}',
].join(',');
const KOPIA_REPORT = [
  '"agent":"kopia"',
  '"agentVersion":{{ printf "%q" .KopiaBuildVersion }}',
  '"hostname":{{ printf "%q" .Hostname }}',
  `"eventTime":{{ printf "%q" (.EventTime.UTC.Format "${KOPIA_TIME}") }}`,
  '"overall":{{ printf "%q" .EventArgs.OverallStatusCode }}',
  `"snapshots":[{{ range $i, $s := .EventArgs.Snapshots }}{{ if $i }},{{ end }}{${KOPIA_SNAPSHOT}}{{ end }}]`,
].join(',');
/** Makes Kopia send JSON instead of text; the lines before the blank one are headers. */
export const KOPIA_TEMPLATE = `Subject: {{ .EventArgs.OverallStatus }} on {{ .Hostname }}\nContent-Type: application/json\n\n{${KOPIA_REPORT}}\n`;
