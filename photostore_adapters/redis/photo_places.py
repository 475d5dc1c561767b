"""What lies under `photo:<id>`: the photo, or a mark that says which version it must have at least. Scripts see to it that
neither gives way to what is older, in whatever order they come."""

LIFETIME_SECONDS = 60

_FIND = """
local there = redis.call('GET', KEYS[1]) or ''
local marked = string.match(there, '^{"changed_to_version":(.+)}$')
local kept = string.match(there, '^{"id":"[%x-]+","owner_id":"[%x-]+","kept":{"version":(%d+),')
local wanted = ARGV[1]
"""
# A photo that is there is committed. Of two marks the later version's stays, and that of a photo that is gone for good.
MARK = f"""{_FIND}
if wanted ~= 'null' then
    if kept and tonumber(kept) >= tonumber(wanted) then return 0 end
    if marked == 'null' or marked and tonumber(marked) > tonumber(wanted) then wanted = marked end
end
redis.call('SET', KEYS[1], '{{"changed_to_version":' .. wanted .. '}}', 'EX', {LIFETIME_SECONDS})
return 1
"""
# Where a photo is there already it stays. `tonumber` of a mark that says `null` is nothing, as of none.
PUT = f"""{_FIND}
if there ~= '' and not (marked and tonumber(marked) and tonumber(marked) <= tonumber(wanted)) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', {LIFETIME_SECONDS})
return 1
"""


def version_told(version: int | None) -> str:
    return "null" if version is None else str(version)


def is_mark(found: bytes) -> bool:
    return found.startswith(b'{"changed_to_version":')
