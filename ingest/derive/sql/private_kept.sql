-- Profiles and blocks that some series of the lake has: those that were just made, and the others as
-- they were.
CREATE TABLE private_profiles AS
SELECT private_profile, private_block
FROM (
    FROM made_profiles
    UNION ALL
    FROM last_private_profiles ANTI JOIN made_profiles USING (private_profile)
)
SEMI JOIN series USING (private_profile);

CREATE TABLE private_blocks AS
SELECT private_block, creator, payload, element, field
FROM (
    FROM made_blocks
    UNION ALL
    FROM last_private_blocks ANTI JOIN made_blocks USING (private_block)
)
SEMI JOIN private_profiles USING (private_block);
