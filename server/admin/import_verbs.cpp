#include "server/admin/import_verbs.h"

namespace stoa {

Json importMarkdown(const Json&, const VerbContext&)
{
    return refused("Not yet.");
}

Json importStackExchange(const Json&, const VerbContext&)
{
    return refused("Not yet.");
}

Json importSpace(const Json&, const VerbContext&)
{
    return refused("Not yet.");
}

} // namespace stoa
