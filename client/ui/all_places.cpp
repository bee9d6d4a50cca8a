#include "client/ui/all_places.h"

#include "client/ui/history/history_place.h"
#include "client/ui/home/home_place.h"
#include "client/ui/outbox/outbox_place.h"
#include "client/ui/pages/pages_place.h"
#include "client/ui/palette/palette.h"
#include "client/ui/questions/questions_place.h"
#include "client/ui/review/review_place.h"
#include "client/ui/search/search_place.h"
#include "client/ui/space/space_place.h"

namespace stoa {

Places allPlaces()
{
    Places places;
    places.home = makeHomePlace;
    places.space = makeSpacePlace;
    places.pages = makePagesPlace;
    places.questions = makeQuestionsPlace;
    places.search = makeSearchPlace;
    places.outbox = makeOutboxPlace;
    places.history = makeHistoryPlace;
    places.review = makeReviewPlace;
    places.palette = makePalette;
    return places;
}

} // namespace stoa
