# The report of breaking.sh, of what oasdiff found: breaking changes first.
include "changes";
def level($level; $title): map(select(.level == $level)) | if . == [] then empty else $title, listed end;

if . == [] then "No changes."
else level(3; "Breaking changes:"), level(2; "Changes that may break:"), level(1; "Other changes:")
end
