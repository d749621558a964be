# The report of upstream.sh, of what oasdiff found: first what $known does not explain,
# then what it explains but is no longer so, then the reasons of the rest.
include "changes";
def line: "\(.operation) \(.path): \(.text) [\(.id)]";
def matches($patterns): line as $line | any($patterns[]; . as $pattern | $line | test($pattern));

# The names of components are each document's own.
map(select(.section != "components")) as $changes
| [$known[0][].differences[]] as $patterns
| ($changes | map(select(matches($patterns) | not))) as $news
| ($patterns | map(. as $pattern | select(any($changes[]; matches([$pattern])) | not))) as $gone
| if $news == [] then empty else
    "In the published document, and not explained:",
    ($news | listed)
  end,
  if $gone == [] then empty else
    "No longer so, to be taken out of upstream.yaml:", ($gone[] | "- \(.)")
  end,
  "Known differences:",
  ($known[0][] | . as $group | "- \(.because) (\([$changes[] | select(matches($group.differences))] | length))"),
  if $news == [] and $gone == [] then "upstream: no news"
  else "upstream: news, \($news | length) not explained and \($gone | length) no longer so"
  end
