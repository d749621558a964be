# The report of upstream.sh: the differences that oasdiff found between $ours and the
# published document but $known does not explain, those that $known explains but that are
# no longer present, and the reasons for the rest. Each is "METHOD PATH: place change".
def text: if type == "string" and . != "" then . else tojson end;
def unset: if . == null or . == "" then "unset" else text end;
# These segments of a path carry no information.
def place:
  . as $at
  | [range(length) | select(($at[.] | IN("content", "application/json", "schema", "properties") | not) or ($at[. + 1] | IN("added", "deleted"))) | $at[.]]
  | [.[:-1] | join("/") | select(. != "")] + .[-1:] | join(" ");
# A branch of a oneOf names its component, whose content is compared.
def branch: $theirs[0].components.schemas[.component? // ""] // del(.index?) | del(.. | objects | (.description, .example, .["x-auditable"]));
def facts($at):
  if type == "object" and has("from") and has("to") then "\($at | place): \(.from | unset) -> \(.to | unset)"
  elif type == "object" then
    to_entries[] | select(.key | IN("base", "revision", "diff", "enumAdded", "enumDeleted", "externalDocs", "listAdded", "operationID") | not)
    | (if $at == ["securityRequirements"] and .key == "scopes" then "x-api-token-group" else .key end) as $key | .value
    | if $key != "modified" then facts($at + [$key]) elif type == "array" then .[] | facts($at) else facts($at) end
  elif type == "array" then .[] | "\($at | place) \(if type == "object" then branch end | text)"
  elif . == true then $at | place
  else "\($at | place) \(text)" end;
# "x (a|b)" stands for "x a" and "x b".
def alternatives:
  (capture("\\((?<any>[^()]*\\|[^()]*)\\)") // null) as $found
  | if $found == null then . else ($found.any | split("|")[]) as $one | sub("\\([^()]*\\|[^()]*\\)"; $one) | alternatives end;
def line: "\(.at): \(.text)";
def lines: map({key: line, value: true}) | from_entries;
def listed: group_by(.text)[] | "- \(.[0].text)", "  " + (map(.at) | join(", "));

def servers: map(.url) | join(", ");

[ ([$ours[0].servers, $theirs[0].servers] | map(servers) | select(.[0] != .[1]) | {at: "every operation", text: "servers \(.[0]) -> \(.[1])"}),
  (.paths
  | {at: .added[]?, text: "path added"}, {at: .deleted[]?, text: "path deleted"},
    (.modified? // {} | to_entries[] | .key as $path | .value
      | {at: $path, text: del(.operations) | facts([])},
        (.operations // {}
          | {at: "\(.added[]?) \($path)", text: "operation added"}, {at: "\(.deleted[]?) \($path)", text: "operation deleted"},
            (.modified // {} | to_entries[] | {at: "\(.key) \($path)", text: .value | facts([])}))))
  | select(.text != "path added" or all($known[0].elsewhere[] as $path | .at | test("^\($path)$"); not))
] as $found
| [$found[] | select(.text | IN("path deleted", "operation deleted")) | .at] as $deleted
| [ $ours[0].paths | to_entries[] | .key as $path | .value | to_entries[] | select(.value | type == "object")
  | {at: "\(.key | ascii_upcase) \($path)", id: .value.operationId}] as $operations
| [ $known[0].differences[] | .because as $because | .in | to_entries[] | .key as $in | .value[] | alternatives as $text
  | {at: ([$operations[] | select(.id | test("^(\($in))$")) | .at] | if . == [] then $in else .[] end), $text, $because}
  | select(any(.at | endswith($deleted[]); .) | not)
] as $explained
| ($found | lines) as $present | ($explained | lines) as $known
| [$found[] | select($known[line] | not)] as $unexplained
| [$explained[] | select($present[line] | not)] as $stale
| if $unexplained == [] then empty else "Not explained:", ($unexplained | listed) end,
  if $stale == [] then empty else "Explained but no longer present (stale entries, remove from upstream.yaml):", ($stale | listed) end,
  "Known differences:", ($explained - $stale | group_by(.because)[] | "- \(.[0].because) (\(length))"),
  if $unexplained == [] and $stale == [] then "upstream: no news"
  else "upstream: \($unexplained | length) unexplained differences, \($stale | length) stale entries"
  end
