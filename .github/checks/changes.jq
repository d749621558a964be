# What oasdiff found, each text once, with the operations that it holds for.
def listed:
  group_by("\(.text) [\(.id)]")[]
  | "- \(.[0].text) [\(.[0].id)]",
    (map(select(.path) | "\(.operation) \(.path)") | unique | if . == [] then empty else "  " + join(", ") end);
