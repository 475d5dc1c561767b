"""What lies under `photo:<id>`: the photo, or a mark that says which version it must have at least. Scripts see to it that
neither gives way to what is older, in whatever order they come."""

LIFETIME_SECONDS = 60

# A photo that is there is committed. Of two marks the later version's stays, and that of a photo that is gone for good.
MARK = f"""
for number, key in ipairs(KEYS) do
    local wanted = ARGV[number]
    local there = redis.call('GET', key) or ''
    local marked = string.match(there, '^{{"changed_to_version":(.+)}}$')
    local kept = string.match(there, '^{{"id":"[%x-]+","owner_id":"[%x-]+","kept":{{"version":(%d+),')
    if wanted == 'null' or not kept or tonumber(kept) < tonumber(wanted) then
        if wanted ~= 'null' and marked and (marked == 'null' or tonumber(marked) > tonumber(wanted)) then
            wanted = marked
        end
        redis.call('SET', key, '{{"changed_to_version":' .. wanted .. '}}', 'EX', {LIFETIME_SECONDS})
    end
end
return #KEYS
"""
# Where a photo is there already, or was and is gone, it stays so.
PUT = f"""
local there = redis.call('GET', KEYS[1])
local marked = tonumber(string.match(there or '', '^{{"changed_to_version":(%d+)}}$'))
if there and not (marked and marked <= tonumber(ARGV[1])) then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', {LIFETIME_SECONDS})
return 1
"""


def version_told(version: int | None) -> str:
    return "null" if version is None else str(version)


def is_mark(found: bytes) -> bool:
    return found.startswith(b'{"changed_to_version":')
