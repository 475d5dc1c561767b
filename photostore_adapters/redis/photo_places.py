"""What lies under `photo:<id>`, and the mark under `photo:<id>:changed` that says which version it must have at least.
Scripts see to it that neither gives way to what is older, in whatever order they come."""

LIFETIME_SECONDS = 60

# A photo that is there is committed. Of two marks the later version's stays, and that of a photo that is gone for good.
MARK = f"""
for number, wanted in ipairs(ARGV) do
    local place, mark = KEYS[2 * number - 1], KEYS[2 * number]
    local there, marked = redis.call('GET', place) or '', redis.call('GET', mark)
    local kept = string.match(there, '^{{"id":"[%x-]+","owner_id":"[%x-]+","kept":{{"version":(%d+),')
    if wanted == 'null' or not kept or tonumber(kept) < tonumber(wanted) then
        if wanted ~= 'null' and marked and (marked == 'null' or tonumber(marked) > tonumber(wanted)) then
            wanted = marked
        end
        redis.call('SET', mark, wanted, 'EX', {LIFETIME_SECONDS})
        redis.call('DEL', place)
    end
end
return #ARGV
"""
# Where a photo is there already, or was and is gone, it stays so.
PUT = f"""
local place, mark = KEYS[1], KEYS[2]
local marked = redis.call('GET', mark)
if marked and (marked == 'null' or tonumber(marked) > tonumber(ARGV[1])) then return 0 end
if redis.call('GET', place) then return 0 end
redis.call('SET', place, ARGV[2], 'EX', {LIFETIME_SECONDS})
return 1
"""


def mark_of(place: str) -> str:
    return f"{place}:changed"


def version_told(version: int | None) -> str:
    return "null" if version is None else str(version)
