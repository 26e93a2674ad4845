#!/bin/sh
# A reviewer for Sluice: merge markers, large files and new TODOs. Over REST, with a POSIX shell, curl, grep and sed.
set -u
url="$SLUICE_URL/api/seats/$SLUICE_SEAT"
most_bytes=500000
here=$(mktemp -d)
trap 'rm -rf "$here"' EXIT
leaving=
trap 'leaving=yes' TERM INT

ask() { curl -sS -H "Authorization: Bearer $SLUICE_TOKEN" "$@"; }

# finding <blocking> <line> <claim> <evidence> adds one about $path, which is JSON already.
finding() {
  evidence=$(printf '%s' "$4" | cut -c 1-200 | tr -d '\000-\037' | sed 's/\\/\\\\/g; s/"/\\"/g')
  severity=low; [ "$1" = true ] && severity=high
  printf '%s{"severity":"%s","blocking":%s,"path":"%s"%s,"claim":"%s","evidence":"%s"}' \
    "$comma" "$severity" "$1" "$path" "${2:+,\"startLine\":$2}" "$3" "$evidence" >> "$here/findings"
  [ "$1" = true ] && verdict=reject
  comma=, count=$((count + 1))
}

look_at() {
  # JSON writes a quote, a backslash and a tab with a backslash before; printf undoes the others.
  name=$(printf '%b' "$(printf '%s' "$path" | sed 's/\\"/"/g')")
  for side in base head; do
    ask -f -G "$url/takes/$take/files" -d "side=$side" --data-urlencode "path=$name" -o "$here/$side" 2>/dev/null || : > "$here/$side"
  done
  bytes=$(($(wc -c < "$here/head")))
  [ "$bytes" -gt "$most_bytes" ] && finding true '' "The file has $bytes bytes." ''
  LC_ALL=C grep -anE '^(<<<<<<<|>>>>>>>) |(TODO|FIXME)' "$here/head" | head -n 10 > "$here/lines"
  while IFS=: read -r number text; do
    [ "$count" -ge 50 ] && return
    LC_ALL=C grep -aqxF -e "$text" "$here/base" && continue
    case $text in
      '<<<<<<< '* | '>>>>>>> '*) finding true "$number" 'A merge was left half done.' "$text" ;;
      *) finding false "$number" 'Something is left to be done.' "$text" ;;
    esac
  done < "$here/lines"
}

judge() {
  verdict=approve count=0 comma=
  : > "$here/findings"
  ask -f "$url/takes/$take/files" | grep -oE '"path":"([^"\\]|\\.)*"' | sed 's/^"path":"//; s/"$//' > "$here/paths"
  while IFS= read -r path; do look_at; done < "$here/paths"
  # All is looked at anew each round: what still stands has been found again above.
  earlier=$(grep -oE "\"id\":\"[^\"]*\",\"seat\":\"$SLUICE_SEAT\"" "$here/taken" | cut -d '"' -f 4 |
    sed 's/.*/{"findingId":"&","resolved":true,"note":"What still stands is found anew."}/' | paste -sd , -)
  printf '{"verdict":"%s","summary":"%s findings in %s files.","findings":[%s],"earlier":[%s],"occupant":{"program":"markers.sh","version":"1.0.0"}}' \
    "$verdict" "$count" "$(($(wc -l < "$here/paths")))" "$(cat "$here/findings")" "$earlier" > "$here/verdict"
}

work() {
  seconds=$(sed -n 's/.*"aliveWithinSeconds":\([0-9]*\).*/\1/p' "$here/taken")
  while sleep $((seconds / 3 + 1)); do ask -X POST "$url/takes/$take/alive"; done > /dev/null 2>&1 &
  heart=$!
  judge
  if ask -f -X POST "$url/takes/$take/verdict" --data-binary "@$here/verdict"; then echo " $take"
  else ask -X POST "$url/takes/$take/release"; fi
  kill -KILL "$heart"
}

once() {
  # A short wait: told to leave, we hear it within two seconds, with nothing in hand.
  status=$(ask -X POST "$url/take?wait=2" -o "$here/taken" -w '%{http_code}')
  take=$(sed -n 's/^{"take":"\([^"]*\)".*/\1/p' "$here/taken")
  case $status in
    200) work ;;
    204) ;;
    *) echo "The house answered $status." >&2; sleep 1 ;;
  esac
}

# A signal goes to all of our group, to curl and grep too: what is begun is finished all the same.
: > "$here/taken"
while [ -z "$leaving" ]; do (trap '' TERM INT EXIT; once); done
