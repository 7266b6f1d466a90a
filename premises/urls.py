"""What everybody may open: units on offer, open data, ideas of activities."""

from django.urls import path

from premises.views import city, ideas, interest, offers, open_data

app_name = "premises"

urlpatterns = [
    path("locaux/", offers.OfferListView.as_view(), name="offer_list"),
    path("locaux/carte.json", offers.offer_map, name="offer_map"),
    path("locaux/<int:pk>/", offers.OfferView.as_view(), name="offer"),
    path("locaux/<int:pk>/resume/", offers.OfferCardView.as_view(), name="offer_card"),
    path("locaux/<int:pk>/interesse/", interest.InterestView.as_view(), name="interest"),
    path("locaux/interesse/merci/", interest.InterestDoneView.as_view(), name="interest_done"),
    path("locaux/ville/", city.CityUnitListView.as_view(), name="city_unit_list"),
    path("locaux/ville/<int:pk>/", city.CityUnitView.as_view(), name="city_unit"),
    path("locaux/ville/photos/<int:pk>/", city.CityPhotoView.as_view(), name="city_photo"),
    path("locaux/photos/<int:pk>-<int:side>.webp", offers.offer_photo, name="offer_photo"),
    path("idees/", ideas.IdeaListView.as_view(), name="idea_list"),
    path("idees/<int:pk>/", ideas.IdeaView.as_view(), name="idea"),
    path("idees/<int:pk>/fiche.pdf", ideas.idea_sheet, name="idea_sheet"),
    path("locaux/donnees/", open_data.OpenDataView.as_view(), name="open_data"),
    path("locaux/donnees/locaux.csv", open_data.units_csv, name="open_data_csv"),
    path("locaux/donnees/locaux.geojson", open_data.units_geojson, name="open_data_geojson"),
    path("locaux/donnees/schema.json", open_data.schema, name="open_data_schema"),
]
